"""A dataset that is open: pairs of LR and HR images that were found to belong together."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from esrbench.data.built_in import built_in_fault
from esrbench.data.catalogue import find_entry
from esrbench.data.entry import DatasetEntry, LrKind
from esrbench.data.images import image_size, mod_crop, pixel_bytes, read_rgb
from esrbench.data.kept_images import KeptImages
from esrbench.data.locate import Located, locate
from esrbench.data.lr_cache import Progress, cached_lr
from esrbench.errors import UnavailableError, UsageError
from esrbench.number_of import number_of


@dataclass(frozen=True)
class ImagePair:
    """One image: HR as published, and its LR. Decoded when asked for, and kept as room allows."""

    name: str
    scale: int
    hr_path: Path
    lr_path: Path
    grey: Literal["refuse", "replicate"] = "refuse"
    kept: KeptImages = field(default_factory=KeptImages, repr=False, compare=False)
    """Shared by the pairs of a dataset."""

    def read_lr(self) -> NDArray[np.uint8]:
        """uint8 (h, w, 3), RGB, read-only.

        Raises UsageError that names a file which cannot be scored.
        """
        return self.kept.get(self.lr_path, lambda: read_rgb(self.lr_path, grey=self.grey))

    def read_hr(self) -> NDArray[np.uint8]:
        """uint8 (h * scale, w * scale, 3), RGB, mod-cropped, read-only; raises as `read_lr`."""
        return self.kept.get(
            self.hr_path, lambda: mod_crop(read_rgb(self.hr_path, grey=self.grey), self.scale)
        )


@dataclass(frozen=True)
class Dataset:
    """Pairs in name order."""

    name: str
    """With the LR kind, unless it is the default: ``Set14:oldmatlab``."""
    scale: int
    pairs: tuple[ImagePair, ...]
    lr_source: str
    """``files``, or ``matlab-bicubic`` (made from HR; ``-replicate`` for the old border)."""
    crop_border: int | None = None
    """The crop border this dataset's figures are always made with, if it has one of its own."""
    pinned_sha256: str | None = None

    @cached_property
    def sha256(self) -> str:
        """Over sizes and pixels of every HR (mod-cropped) and LR image, in name order.

        Reads every image. Raises UsageError where the set is pinned and this is another value.
        """
        digest = hashlib.sha256()
        for pair in self.pairs:
            digest.update(pixel_bytes(pair.read_hr()))
            digest.update(pixel_bytes(pair.read_lr()))
        found = digest.hexdigest()
        if self.pinned_sha256 not in (None, found):
            raise UsageError(
                f"The LR images of {self.name} at x{self.scale} in {self.pairs[0].lr_path.parent} "
                "are not the pinned ones; delete that folder and they are made again."
            )
        return found


def open_dataset(
    name: str,
    scale: int,
    *,
    data_root: Path | None,
    catalogue: dict[str, DatasetEntry],
    cache_dir: Path | None = None,
    progress: bool = False,
) -> Dataset:
    """The dataset called ``name`` (``Set14``, or ``Set14:oldmatlab`` for an LR kind) at ``scale``.

    LR images that are not there are made and cached; ``progress`` shows a bar for that, on a
    terminal only. Raises UsageError for an unknown name or scale and for files that do not make
    up the dataset (number, names, sizes), UnavailableError when it is not on this machine.
    """
    entry, kind_name, kind = find_entry(name, catalogue)
    located = locate(name, entry, kind, scale, data_root)
    if located.faults:
        raise UsageError(_first_of(located.faults, name))
    for broken in built_in_faults(entry, located):
        raise UnavailableError(broken)
    with _bar(f"{name} x{scale}: LR", progress and located.lr is None) as report:
        pairs = pairs_of(entry, kind, scale, located, cache_dir=cache_dir, progress=report)
    for pair in pairs:
        fault = size_fault(pair, image_size(pair.hr_path), image_size(pair.lr_path))
        if fault:
            raise UsageError(fault)
    return Dataset(
        name=name.removesuffix(":default"),
        scale=scale,
        pairs=pairs,
        lr_source=lr_source(kind, located),
        crop_border=entry.crop_border,
        pinned_sha256=entry.pairs_sha256.get(scale) if kind_name == "default" else None,
    )


def pairs_of(
    entry: DatasetEntry,
    kind: LrKind,
    scale: int,
    located: Located,
    *,
    cache_dir: Path | None,
    progress: Progress | None = None,
) -> tuple[ImagePair, ...]:
    """The pairs of what was located, LR made where there is none; raises as `cached_lr` does."""
    pairs = []
    kept = KeptImages()
    for done, (name, hr_path) in enumerate(located.hr.items(), start=1):
        if located.lr is not None:
            lr_path = located.lr[name]
        else:
            assert kind.make is not None  # `locate` raises where LR is neither there nor makable
            lr_path = cached_lr(
                hr_path, name, scale, kind.make, grey=entry.grey_images, cache_dir=cache_dir
            )
        pairs.append(ImagePair(name, scale, hr_path, lr_path, entry.grey_images, kept))
        if progress is not None:
            progress(done, len(located.hr), name)
    return tuple(pairs)


def size_fault(pair: ImagePair, hr: tuple[int, int], lr: tuple[int, int]) -> str | None:
    """A sentence when LR is not the mod-cropped HR's size over the scale; None when it is.

    ``hr`` and ``lr`` are height and width of the two files.
    """
    expected = (hr[0] // pair.scale, hr[1] // pair.scale)
    if lr == expected:
        return None
    return (
        f"{pair.lr_path} is {lr[1]}x{lr[0]} pixels (width x height), but x{pair.scale} of "
        f"{pair.hr_path} ({hr[1]}x{hr[0]}) needs {expected[1]}x{expected[0]}."
    )


def lr_source(kind: LrKind, located: Located) -> str:
    """Where LR comes from, in the words of a record."""
    if located.lr is not None or kind.make is None:
        return "files"
    return "matlab-bicubic" + ("-replicate" if kind.make.border == "replicate" else "")


def built_in_faults(entry: DatasetEntry, located: Located) -> Iterator[str]:
    """A sentence for each built-in image that is missing or has other pixels than the pinned."""
    for name, image in entry.built_in.items():
        fault = built_in_fault(name, image, located.hr[name])
        if fault:
            yield fault


def _first_of(faults: Sequence[str], name: str) -> str:
    if len(faults) == 1:
        return faults[0]
    rest = number_of(len(faults) - 1, "more fault")
    return f"{faults[0]} ({rest}: run `esrbench datasets verify {name}`.)"


@contextmanager
def _bar(title: str, wanted: bool) -> Iterator[Progress | None]:
    """A progress bar on standard error, if that is a terminal."""
    if not (wanted and sys.stderr.isatty()):
        yield None
        return
    from tqdm import tqdm

    with tqdm(desc=title, unit="image", leave=False) as bar:

        def report(done: int, total: int, name: str) -> None:
            bar.total = total
            bar.update(done - bar.n)

        yield report
