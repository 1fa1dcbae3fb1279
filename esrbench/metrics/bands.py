"""Sums over an image in bands of rows, on every core this process may use.

Bands have a fixed height and are added in order, so a figure does not depend on the cores.
"""

from __future__ import annotations

import math
import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

Kernel = Callable[[NDArray[np.uint8], NDArray[np.uint8], int, int, int, int], float]

_BAND = 128
_FEW = 1 << 17
"""Window positions below which one thread is faster than handing out work."""

_pool: ThreadPoolExecutor | None = None
_this_thread = threading.local()


def _forget_pool() -> None:
    global _pool
    _pool = None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_pool)  # threads do not survive a fork


def keep_to_one_thread() -> None:
    """Say of the calling thread that it is one of many, with an image each: bands stay in it."""
    _this_thread.is_one_of_many = True


def cores() -> int:
    """The cores this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@cache
def compiled_kernels() -> ModuleType | None:
    """``esrbench.metrics.kernels``, or None where numba is absent or does not fit numpy."""
    try:
        from esrbench.metrics import kernels
    except (ImportError, OSError):  # OSError: llvmlite without its library
        return None
    return kernels


def total(
    kernel: Kernel,
    sr: NDArray[np.uint8],
    hr: NDArray[np.uint8],
    planes: Sequence[int],
    crop: int,
    rows: int,
) -> float:
    """Sum of ``kernel`` over ``rows`` rows of each of ``planes``; a grey image has 0 alone."""
    global _pool
    if sr.ndim == 2:
        sr, hr = sr[..., None], hr[..., None]
    wanted = (0,) if sr.shape[2] == 1 else planes
    sr, hr = np.ascontiguousarray(sr), np.ascontiguousarray(hr)
    work = [
        (plane, top, min(top + _BAND, rows)) for plane in wanted for top in range(0, rows, _BAND)
    ]

    def one(item: tuple[int, int, int]) -> float:
        plane, first, last = item
        return kernel(sr, hr, plane, crop, first, last)

    alone = len(work) == 1 or cores() == 1 or getattr(_this_thread, "is_one_of_many", False)
    if alone or sr.shape[0] * sr.shape[1] * len(wanted) < _FEW:
        return math.fsum(map(one, work))
    if _pool is None:
        _pool = ThreadPoolExecutor(cores(), thread_name_prefix="esrbench-metrics")
    return math.fsum(_pool.map(one, work))
