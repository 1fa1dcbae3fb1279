"""Of a record: what a submission says of itself, and which entry of a challenge it is."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from esrbench.results.part import Part


class About(Part):
    """What the submission says of itself; nothing here is measured."""

    title: str
    authors: str | None = None
    year: int | None = None
    paper: str | None = None
    code: str | None = None
    licence: str | None = None
    weights_origin: str | None = None
    """Where the weights come from: a URL, "trained here", or None for none needed."""
    published: dict[str, Any] = Field(default_factory=dict)
    """Figures the paper prints: ``{"params": 498000, "quality": {"Set5": {"psnr_y": 32.2}}}``."""


class ChallengeEntry(Part):
    """Which entry of a challenge a record is of, and the rules it was measured under."""

    challenge: str
    rules_sha256: str
    team: str
    track: str
    """One of the challenge's rankings."""
    entry_sha256: str
    """Over the files that were handed in."""
    received: str
    """UTC, ISO 8601."""
    late: bool = False
    """It arrived after the close."""

    @property
    def cell(self) -> str:
        """``TEAM/TRACK``: its place in the challenge's table."""
        return f"{self.team}/{self.track}"
