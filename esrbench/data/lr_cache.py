"""LR images made from HR by the MATLAB-exact bicubic, kept in the cache by content.

A file's name holds the hash of the HR file and of the recipe, so an HR image that changed gets
another LR image, never a stale one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from esrbench import bundled
from esrbench.data.entry import Make
from esrbench.data.images import Grey, mod_crop, read_rgb, write_png
from esrbench.data.matlab_resize import matlab_bicubic
from esrbench.errors import UnavailableError, UsageError

RECIPE = "esrbench-lr-2"
"""Changed whenever the same HR and options would give other pixels."""

Progress = Callable[[int, int, str], None]
"""Called with images done, images in all, and the name of the one just done."""


def lr_cache_folder(cache_dir: Path | None) -> Path:
    """Where made LR images are kept: ``lr`` in ``cache_dir`` or in esrbench's cache."""
    return (cache_dir or bundled.cache()) / "lr"


def cached_lr(
    hr_path: Path,
    name: str,
    scale: int,
    make: Make,
    *,
    grey: Literal["refuse", "replicate"],
    cache_dir: Path | None,
) -> Path:
    """The LR image of ``hr_path`` (mod-cropped by ``scale``), made now if it is not there.

    Raises UsageError when HR cannot be read, UnavailableError when the cache cannot be written.
    """
    file = f"x{scale}/{name}-{_key(hr_path, scale, make)}.png"
    path = lr_cache_folder(cache_dir) / file
    if _is_whole(path):
        return path
    lr = make_lr(mod_crop(read_rgb(hr_path, grey=_kept(grey)), scale), scale, make, where=hr_path)
    try:
        return _written(path, lr)
    except OSError as why:
        if cache_dir is None:
            with suppress(OSError):
                return _written(lr_cache_folder(bundled.spare_cache()) / file, lr)
        raise UnavailableError(
            f"The LR image {path} cannot be written ({why.strerror}); "
            "choose another cache with ESRBENCH_CACHE."
        ) from None


def _written(path: Path, lr: NDArray[np.uint8]) -> Path:
    if not _is_whole(path):
        write_png(path, lr)
    return path


def make_lr(hr: NDArray[np.uint8], scale: int, make: Make, *, where: Path) -> NDArray[np.uint8]:
    """The LR image of mod-cropped ``hr``, uint8 and of as many channels.

    Raises UsageError, naming ``where`` it is from, when HR is smaller than the scale.
    """
    if 0 in hr.shape:
        raise UsageError(f"{where} is smaller than the scale x{scale}.")
    rounded = scale not in make.unrounded_at
    return matlab_bicubic(hr, Fraction(1, scale), border=make.border, round_between=rounded)


def _kept(grey: Literal["refuse", "replicate"]) -> Grey:
    """A grey image that may be scored is resized, and kept, with its one channel."""
    return "keep" if grey == "replicate" else "refuse"


def _key(hr_path: Path, scale: int, make: Make) -> str:
    rounding = "unrounded" if scale in make.unrounded_at else "rounded"
    digest = hashlib.sha256(f"{RECIPE} x{scale} {make.border} {rounding}\n".encode())
    try:
        digest.update(hr_path.read_bytes())
    except OSError as why:
        raise UsageError(f"{hr_path} cannot be read: {why.strerror}.") from None
    return digest.hexdigest()[:32]


def _is_whole(path: Path) -> bool:
    if not path.is_file():
        return False
    try:
        read_rgb(path, grey="keep")
    except UsageError:
        return False
    return True
