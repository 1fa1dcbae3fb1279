"""Crops for the submissions' pages: copied beside the site, and never from outside the store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from esrbench.report.atomic import write_bytes
from esrbench.results.record import Picture, RunRecord


@dataclass(frozen=True)
class Shown:
    """One crop with its three pictures; paths are relative to the site."""

    dataset: str
    name: str
    lr: str
    sr: str
    hr: str
    width: int
    height: int
    """Of the crop, in HR pixels."""


def copy_pictures(records: Sequence[RunRecord], root: Path, out: Path) -> dict[str, list[Shown]]:
    """The crops of each record by its id; those whose files are gone are left out."""
    return {
        record.id: [shown for p in record.pictures if (shown := _copy(p, root, out)) is not None]
        for record in records
        if record.pictures
    }


def _copy(picture: Picture, root: Path, out: Path) -> Shown | None:
    places = [_copy_one(path, root, out) for path in (picture.lr, picture.sr, picture.hr)]
    if None in places:
        return None
    lr, sr, hr = (str(place) for place in places)
    left, top, right, bottom = picture.box
    return Shown(picture.dataset, picture.name, lr, sr, hr, right - left, bottom - top)


def _copy_one(path: str, root: Path, out: Path) -> str | None:
    """Copy ``root/path`` to ``out/pictures``; None when it is missing or outside the store."""
    source = (root / path).resolve()
    if not source.is_relative_to(root.resolve()) or not source.is_file():
        return None
    relative = source.relative_to(root.resolve()).as_posix().removeprefix("pictures/")
    target = out / "pictures" / relative
    if not target.is_file() or target.stat().st_size != source.stat().st_size or (
        target.stat().st_mtime < source.stat().st_mtime
    ):  # fmt: skip
        write_bytes(target, source.read_bytes())
    return f"pictures/{relative}"
