"""Make the LR images of a dataset from its HR images, before they are needed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from esrbench.data.catalogue import find_entry
from esrbench.data.dataset import built_in_faults, lr_source, pairs_of
from esrbench.data.entry import DatasetEntry, LrKind
from esrbench.data.images import mod_crop, read_rgb, write_png
from esrbench.data.locate import Located, locate
from esrbench.data.lr_cache import Progress, lr_cache_folder, make_lr
from esrbench.errors import UnavailableError, UsageError


@dataclass(frozen=True)
class Prepared:
    """What `prepare` did."""

    name: str
    scale: int
    images: int
    folder: Path
    """Where the LR images are."""
    lr_source: str
    """As in a record: ``files`` when they were there already, else ``matlab-bicubic``."""


def prepare(
    name: str,
    scale: int,
    *,
    data_root: Path | None,
    catalogue: dict[str, DatasetEntry],
    cache_dir: Path | None = None,
    out: Path | None = None,
    progress: Progress | None = None,
) -> Prepared:
    """Have the LR images of ``name`` at ``scale``: make and cache those that are not there.

    With ``out`` they are made in any case, into that folder and under the names the dataset's LR
    files have. ``progress`` is called after each image. Raises as `open_dataset` does.
    """
    entry, _, kind = find_entry(name, catalogue)
    located = locate(name, entry, kind, scale, data_root)
    if located.faults:
        raise UsageError(" ".join(located.faults))
    for fault in built_in_faults(entry, located):
        raise UnavailableError(fault)
    if out is not None:
        _write_all(entry, kind, scale, located, out, progress)
        made_from = lr_source(kind, Located(located.hr, None, located.hr_folder, None, ()))
        return Prepared(name, scale, len(located.hr), out, made_from)
    pairs_of(entry, kind, scale, located, cache_dir=cache_dir, progress=progress)
    folder = located.lr_folder or lr_cache_folder(cache_dir) / f"x{scale}"
    return Prepared(name, scale, len(located.hr), folder, lr_source(kind, located))


def _write_all(
    entry: DatasetEntry,
    kind: LrKind,
    scale: int,
    located: Located,
    out: Path,
    progress: Progress | None,
) -> None:
    """Every LR image into ``out``."""
    if kind.make is None:
        raise UsageError("The LR images of this kind cannot be made from HR; leave out --out.")
    for done, (name, hr_path) in enumerate(located.hr.items(), start=1):
        hr = mod_crop(read_rgb(hr_path, grey=entry.grey_images), scale)
        lr = make_lr(hr, scale, kind.make, where=hr_path)
        file_name = kind.pattern.replace("{name}", name).replace("{scale}", str(scale))
        try:
            write_png(out / file_name, lr)
        except OSError as why:
            raise UnavailableError(f"{out} cannot be written: {why.strerror}.") from None
        if progress is not None:
            progress(done, len(located.hr), name)
