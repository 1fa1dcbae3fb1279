"""The images to train on: any folder, its LR images made once by the MATLAB-exact bicubic."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from esrbench.data.entry import Make
from esrbench.data.images import image_size, mod_crop, read_rgb
from esrbench.data.lr_cache import cached_lr
from esrbench.errors import UsageError

Image = NDArray[np.uint8]

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".webp", ".tif", ".tiff"})
IN_MEMORY = 4 << 30
"""Bytes of decoded HR images up to which a folder is kept in memory."""


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
        """Makes the LR images that the cache lacks.

        Raises UsageError when ``folder`` holds no images or one that cannot be trained on.
        """
        paths = list_images(folder)
        self.scale = scale
        self.pairs = [
            _pair(path, scale, cache_dir)
            for path in tqdm(paths, desc="LR images", unit="image", disable=None, leave=False)
        ]
        size = sum(pair.height * pair.width for pair in self.pairs) * 3 * scale**2
        self.in_memory = size <= IN_MEMORY
        self._recent = lru_cache(maxsize=64)(self._decoded)
        self._all = [self._decoded(i) for i in range(len(self.pairs))] if self.in_memory else []

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


def _pair(hr_path: Path, scale: int, cache_dir: Path | None) -> TrainingPair:
    lr_path = cached_lr(hr_path, hr_path.stem, scale, Make(), grey="replicate", cache_dir=cache_dir)
    height, width = image_size(lr_path)
    return TrainingPair(hr_path, lr_path, height, width)
