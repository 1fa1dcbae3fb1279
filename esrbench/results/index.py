"""An index beside the records, so that a command need not read them all.

It is never the truth: an entry counts only for a file that is as it was when it was read, and
whoever relies on an entry reads the record. Where it is missing, stale or broken it is made again;
where it cannot be written, everything is read each time.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from esrbench.results.entry import Entry
from esrbench.whole_file import write_whole

INDEX = ".index.json"
_VERSION: Literal[4] = 4
_LARGEST = 2**28


class Known(BaseModel):
    """What was found in one file, and the file's state then."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    state: tuple[int, int, int, int]
    """Bytes, modified and changed in nanoseconds, inode."""
    entry: Entry | None = None
    why_none: str | None = None
    """Why it is no record; exactly one of this and ``entry`` is given."""
    kind: Literal["foreign", "damaged"] = "damaged"


class Index(BaseModel):
    """Every file of a results folder by its path below it."""

    model_config = ConfigDict(extra="forbid")

    version: Literal[4] = _VERSION
    files: dict[str, Known] = Field(default_factory=dict)


@dataclass(frozen=True)
class LeftOut:
    """A file that is not shown, and why."""

    path: Path
    why: str
    kind: Literal["foreign", "damaged"]


def file_state(path: Path) -> tuple[int, int, int, int]:
    """What changes when a file does; raises OSError when it is gone."""
    facts = path.stat()
    return facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns, facts.st_ino


def read_index(root: Path) -> Index:
    """The index of ``root``; an empty one when there is none that can be read."""
    path = root / INDEX
    try:
        if path.stat().st_size > _LARGEST:
            return Index()
        return Index.model_validate_json(path.read_bytes())
    except (OSError, ValidationError, RecursionError):
        return Index()


def write_index(root: Path, index: Index) -> None:
    """Keep ``index``; without a word where the folder cannot be written."""
    with contextlib.suppress(OSError):
        write_whole(root / INDEX, index.model_dump_json().encode(), prefix=".index-")
