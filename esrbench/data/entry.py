"""One dataset of the catalogue: what it is, where its files lie, and where to get them."""

from __future__ import annotations

import re
from itertools import islice
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from esrbench.data.patterns import checked_folders, checked_pattern, expanded_names

_SHA256 = re.compile(r"^[0-9a-f]{64}$")
_MOST_IMAGES = 100_000
_MOST_SCALE = 64


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class HrFiles(_Strict):
    """Where the HR images are."""

    folders: tuple[str, ...] = Field(min_length=1)
    """Below the data root, or absolute; the first that exists is taken. ``{scale}`` stands for the
    scale; where the last part holds ``{name}`` it is that folder's own ``pattern``."""
    pattern: str = "{name}.png"
    """File name; ``{name}`` stands for the image's name, ``{scale}`` for the scale, and a last
    ``.*`` for any of the extensions that can be read. Extensions match in either case."""

    @field_validator("pattern")
    @classmethod
    def _one_name(cls, pattern: str) -> str:
        return checked_pattern(pattern)

    @field_validator("folders")
    @classmethod
    def _own_patterns(cls, folders: tuple[str, ...]) -> tuple[str, ...]:
        return checked_folders(folders)


class Make(_Strict):
    """How LR is made from HR where its folder is not there: the MATLAB-exact bicubic."""

    border: Literal["symmetric", "replicate"] = "symmetric"
    unrounded_at: tuple[int, ...] = ()
    """Scales at which the published LR was not rounded between the two passes."""


class LrKind(_Strict):
    """One way this dataset's LR came about; a set may have several, told apart by name."""

    folders: tuple[str, ...] = ()
    """As for HR."""
    pattern: str = "{name}.png"
    """As for HR."""
    make: Make | None = Make()
    """None: these LR images cannot be made from HR and must be there."""

    @field_validator("pattern")
    @classmethod
    def _one_name(cls, pattern: str) -> str:
        return checked_pattern(pattern)

    @field_validator("folders")
    @classmethod
    def _own_patterns(cls, folders: tuple[str, ...]) -> tuple[str, ...]:
        return checked_folders(folders)

    @model_validator(mode="after")
    def _some_source(self) -> LrKind:
        if not self.folders and self.make is None:
            raise ValueError("an LR kind needs `folders`, or `make`, or both")
        return self


class BuiltIn(_Strict):
    """An image that comes with scikit-image."""

    file: str
    """Its file name in scikit-image's data folder."""
    pixels_sha256: str
    """Of the whole image's pixels, before mod-crop; another value is an error."""


class Download(_Strict):
    """One file that can be fetched."""

    url: str
    to: str
    """Below the data root: the file, or with ``unpack`` the folder that must then be there."""
    unpack: bool = False
    """The file is a zip that holds the folder ``inside``."""
    inside: str | None = None
    """The folder in the zip that becomes ``to``; None: it has the same path there."""
    scales: tuple[int, ...] = ()
    """The scales that need it; empty: all."""
    sha256: str | None = Field(default=None, pattern=_SHA256.pattern)
    """None: nobody has published one; never a guess."""
    sha256_source: str | None = None
    """Where the hash is from."""
    bytes: int | None = Field(default=None, ge=1)
    sha256_by_name: dict[str, str] = Field(default_factory=dict)
    """Many files in one entry: ``{name}`` in ``url`` and ``to`` stands for each of these names."""

    def files(self) -> tuple[Download, ...]:
        """Itself, or the many files it stands for."""
        if not self.sha256_by_name:
            return (self,)
        return tuple(
            self.model_copy(
                update={
                    "url": self.url.replace("{name}", name),
                    "to": self.to.replace("{name}", name),
                    "sha256": sha256,
                    "sha256_by_name": {},
                }
            )
            for name, sha256 in self.sha256_by_name.items()
        )

    @field_validator("sha256_by_name")
    @classmethod
    def _whole_hashes(cls, by_name: dict[str, str]) -> dict[str, str]:
        for name, sha256 in by_name.items():
            if not _SHA256.match(sha256) or "/" in name or name.startswith("."):
                raise ValueError(f"{name}: {sha256} is not a name and its sha256")
        return by_name

    @field_validator("url")
    @classmethod
    def _web(cls, url: str) -> str:
        if not url.startswith(("https://", "http://")):
            raise ValueError("a download needs an http:// or https:// URL")
        return url

    @field_validator("to", "inside")
    @classmethod
    def _below_the_root(cls, path: str | None) -> str | None:
        if path is not None and (PurePosixPath(path).is_absolute() or ".." in path.split("/")):
            raise ValueError("a download goes to a path below the data root")
        return path


NOT_STATED = "not stated"
"""Stands for what a catalogue does not say: a set of one's own needs neither licence nor source."""


class DatasetEntry(_Strict):
    """A dataset: facts for people, and where its files are."""

    title: str
    images: int = Field(ge=1, le=_MOST_IMAGES)
    """How many images make the set; with another number its figures are not comparable."""
    names: tuple[str, ...] = ()
    """The images' names, where they are fixed; ``img_{001..100}`` stands for a hundred."""
    scales: tuple[Annotated[int, Field(ge=1, le=_MOST_SCALE)], ...] = Field(min_length=1)
    colour: Literal["rgb"] = "rgb"
    grey_images: Literal["refuse", "replicate"] = "refuse"
    """``replicate``: a greyscale image is scored as RGB with three equal channels."""
    crop_border: int | None = Field(default=None, ge=0)
    """A crop border this dataset's figures are always made with, if it has one of its own."""
    hr: HrFiles | None = None
    lr: dict[str, LrKind] = Field(default_factory=lambda: {"default": LrKind()})
    """LR kinds by name; ``Set14:oldmatlab`` names one, ``Set14`` alone means ``default``."""
    built_in: dict[str, BuiltIn] = Field(default_factory=dict)
    """Images that need no data root, by name; instead of ``hr``."""
    pairs_sha256: dict[int, str] = Field(default_factory=dict)
    """By scale: what ``Dataset.sha256`` must be, where the set's pixels are pinned."""
    licence: str = NOT_STATED
    source: str = NOT_STATED
    """Who made it, and the page it is from."""
    how_to_get: str = "put its images there"
    """What a person does to have it: the clause after "is not there, no folder ...;"."""
    downloads: tuple[Download, ...] = ()

    @field_validator("names", mode="before")
    @classmethod
    def _expand(cls, names: Any) -> Any:
        if not isinstance(names, (list, tuple)):
            return names
        expanded: list[str] = []
        for name in names:
            if not isinstance(name, str):  # 0100 is 64 in YAML, and `no` is False
                raise ValueError(f"write the name {str(name)[:40]} in quotes")
            expanded += islice(expanded_names(name), _MOST_IMAGES + 1 - len(expanded))
            if len(expanded) > _MOST_IMAGES:
                raise ValueError(f"these are more than {_MOST_IMAGES} names")
        return expanded

    @model_validator(mode="after")
    def _consistent(self) -> DatasetEntry:
        if (self.hr is None) == (not self.built_in):
            raise ValueError("a dataset needs either `hr` or `built_in`")
        if "default" not in self.lr:
            raise ValueError("`lr` needs a kind called default")
        named = self.names or tuple(self.built_in)
        if named and len(set(named)) != self.images:
            raise ValueError(f"`images` is {self.images} but {len(set(named))} names are given")
        return self
