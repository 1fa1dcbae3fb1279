"""The images to train on: any folder, its LR images made once by the MATLAB-exact bicubic."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import TypeVar

import numpy as np
from tqdm import tqdm

from esrbench.data.entry import Make
from esrbench.data.images import image_size, mod_crop, read_rgb
from esrbench.data.lr_cache import cached_lr
from esrbench.errors import UsageError
from esrbench.image import Image
from esrbench.timing.threads import usable_cores
from training.memory import installed_memory
from training.prefetch import ahead

Made = TypeVar("Made")

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".webp", ".tif", ".tiff"})
IN_MEMORY = max(4 << 30, installed_memory() // 4)
"""Bytes of decoded images up to which a folder is kept in memory."""
_NAMED = 3
"""Unfit images that are named; the others are counted."""


@dataclass(frozen=True)
class TrainingPair:
    """One image on disk: HR as it is, and its LR in the cache."""

    hr_path: Path
    lr_path: Path
    height: int
    """Of LR, in pixels, as ``width``."""
    width: int


class TrainingImages:
    """Pairs in the order of their paths; ``read`` gives decoded ones.

    Small folders are decoded once and stay in memory; of larger ones the last few images do.
    """

    def __init__(self, folder: Path, scale: int, *, cache_dir: Path | None = None) -> None:
        """Makes the LR images that the cache lacks, on all cores.

        Raises UsageError when ``folder`` holds no images, or names those that cannot be used.
        """
        self.scale = scale
        self.pairs = _pairs(folder, list_images(folder), scale, cache_dir)
        size = sum(pair.height * pair.width for pair in self.pairs) * 3 * (scale**2 + 1)
        self.in_memory = size <= IN_MEMORY
        self._recent = lru_cache(maxsize=64)(self._decoded)
        self._all: list[tuple[Image, Image]] = []
        if self.in_memory:
            self._all = _on_all_cores(self._decoded, len(self.pairs), "decoding")

    @property
    def fingerprint(self) -> str:
        """The same for the same images in the same order, wherever they lie."""
        # The name of an LR image ends with the hash of what it was made of.
        hashes = [pair.lr_path.stem.rpartition("-")[2] for pair in self.pairs]
        return hashlib.sha256("\n".join(hashes).encode()).hexdigest()

    def read(self, index: int) -> tuple[Image, Image]:
        """LR (h, w, 3) and HR (h * scale, w * scale, 3), uint8 RGB."""
        return self._all[index] if self.in_memory else self._recent(index)

    def _decoded(self, index: int) -> tuple[Image, Image]:
        pair = self.pairs[index]
        lr = read_rgb(pair.lr_path, grey="replicate")
        hr = read_rgb(pair.hr_path, grey="replicate")
        return lr, np.ascontiguousarray(mod_crop(hr, self.scale))


def list_images(folder: Path) -> list[Path]:
    """Every image below ``folder``, sorted; raises UsageError when there is none."""
    if not folder.is_dir():
        raise UsageError(f"There is no folder {folder} of images; give another one.")
    found = sorted(p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES and p.is_file())
    if not found:
        raise UsageError(f"{folder} holds no images ({', '.join(sorted(SUFFIXES))}).")
    return found


def _pairs(
    folder: Path, paths: Sequence[Path], scale: int, cache_dir: Path | None
) -> list[TrainingPair]:
    """All of them, or one error that names the first few which are unfit."""
    make = partial(_pair_or_fault, paths, scale, cache_dir)
    found = _on_all_cores(make, len(paths), "LR images")
    faults = [fault for fault in found if isinstance(fault, UsageError)]
    if faults:
        more = f" And {len(faults) - _NAMED} more." if len(faults) > _NAMED else ""
        raise UsageError(
            f"{len(faults)} of the {len(paths)} images in {folder} cannot be used: "
            f"{' '.join(map(str, faults[:_NAMED]))}{more} Mend them or move them elsewhere."
        )
    return [pair for pair in found if isinstance(pair, TrainingPair)]


def _pair_or_fault(
    paths: Sequence[Path], scale: int, cache_dir: Path | None, index: int
) -> TrainingPair | UsageError:
    hr_path = paths[index]
    try:
        lr_path = cached_lr(
            hr_path, hr_path.stem, scale, Make(), grey="replicate", cache_dir=cache_dir
        )
        height, width = image_size(lr_path)
    except UsageError as why:
        return why
    return TrainingPair(hr_path, lr_path, height, width)


def _on_all_cores(make: Callable[[int], Made], count: int, what: str) -> list[Made]:
    """``make(i)`` for each ``i`` below ``count``, in order, under a progress bar."""
    threads = len(usable_cores())
    made = ahead(make, 0, count, depth=4 * threads, threads=threads)
    return list(tqdm(made, total=count, desc=what, unit="image", disable=None, leave=False))
