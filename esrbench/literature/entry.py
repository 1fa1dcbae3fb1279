"""One system as someone printed it: figures with the page they stand on, or where none were found.

A file of ``literature/`` is one entry. What is in it was read, not measured: nothing of it is ever
ranked with what was.
"""

from __future__ import annotations

import re

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*(/[A-Za-z0-9][A-Za-z0-9_.-]*)?")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Figures(_Strict):
    """What is printed for one scale."""

    params: int | None = Field(default=None, ge=0)
    macs: float | None = Field(default=None, ge=0)
    """Multiply-adds, plain number, at ``macs_at``."""
    macs_at: str | None = None
    """``1x3x256x256`` (LR input) or ``1280x720 output`` (HR)."""
    quality: dict[str, dict[str, float]] = Field(default_factory=dict)
    """``{dataset: {metric key: value}}``."""

    @model_validator(mode="after")
    def _macs_say_where(self) -> Figures:
        if self.macs is not None and not self.macs_at:
            raise ValueError("macs need macs_at: 1x3x256x256, or 1280x720 output")
        return self


class Entry(_Strict):
    """One system of one paper."""

    name: str
    """``tcsr-b``, or ``NAME/VARIANT``."""
    title: str
    authors: str | None = None
    year: int | None = Field(default=None, ge=1950, le=2100)
    paper: str | None = None
    code: str | None = None
    source: str | None = None
    """Where the figures stand: the paper's table, a README."""
    protocol: str | None = None
    """How they came about, as far as the source says: channel, border, how LR was made."""
    figures: dict[int, Figures] = Field(default_factory=dict)
    """By scale."""
    not_found: str | None = None
    """What was looked for and not found; such an entry has no figures."""

    @field_validator("name")
    @classmethod
    def _names_a_row(cls, name: str) -> str:
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no name: letters, digits, '-', '_' and '.', no spaces")
        return name

    @field_validator("figures")
    @classmethod
    def _scales(cls, figures: dict[int, Figures]) -> dict[int, Figures]:
        if any(not 1 <= scale <= 16 for scale in figures):
            raise ValueError(f"scales are whole numbers from 1 to 16, not {sorted(figures)}")
        return figures

    @model_validator(mode="after")
    def _says_where_from(self) -> Entry:
        if bool(self.figures) == bool(self.not_found):
            raise ValueError("give figures, or not_found with what was looked for")
        if self.figures and not (self.source or self.paper):
            raise ValueError("figures need a source or a paper: where were they read?")
        return self

    @property
    def whence(self) -> str:
        """The source in words: ``README of ..., arXiv ...``."""
        return ", ".join(part for part in (self.source, self.paper) if part)
