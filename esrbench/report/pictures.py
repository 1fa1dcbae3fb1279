"""Crops for the submissions' pages: copied beside the site, and never from outside the store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from esrbench.data.images import image_size, read_rgb, write_png
from esrbench.data.matlab_resize import matlab_bicubic
from esrbench.errors import UsageError
from esrbench.report.atomic import write_bytes
from esrbench.results.record import Picture, RunRecord


@dataclass(frozen=True)
class Shown:
    """One crop with its pictures; paths are relative to the site."""

    dataset: str
    name: str
    lr: str
    sr: str
    hr: str
    bicubic: str | None
    """MATLAB's bicubic of the LR crop; it mirrors the crop's edge, not the image's, so its outer
    two LR pixels are not those of the whole image. None where LR and HR sizes do not fit."""
    width: int
    height: int
    """Of the crop, in HR pixels."""
    key: str
    """The same for the same place of the same image, whoever made the SR."""


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
    width, height = right - left, bottom - top
    key = f"{picture.dataset}/{picture.name}/{left},{top},{right},{bottom}"
    bicubic = _bicubic(lr, width, height, out)
    return Shown(picture.dataset, picture.name, lr, sr, hr, bicubic, width, height, key)


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


def _bicubic(lr: str, width: int, height: int, out: Path) -> str | None:
    """Make the bicubic picture beside the LR crop's, once for all submissions."""
    source = out / lr
    target = source.with_name(f"{source.stem}-bicubic.png")
    if not target.is_file() or target.stat().st_mtime < source.stat().st_mtime:
        try:
            rows, columns = image_size(source)
            scale = height // rows if rows else 0
            if scale < 1 or (rows * scale, columns * scale) != (height, width):
                return None
            write_png(target, matlab_bicubic(read_rgb(source, grey="replicate"), scale))
        except (UsageError, OSError):  # a picture that cannot be read is shown as it is, or not
            return None
    return target.relative_to(out).as_posix()
