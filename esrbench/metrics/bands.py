"""Sums over an image in bands of rows, on every core this process may use.

The bands follow from the image alone and their sums are added exactly, so a figure does not depend
on the cores or on who was done first.
"""

from __future__ import annotations

import math
import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import pairwise
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

Kernel = Callable[[NDArray[np.uint8], NDArray[np.uint8], int, int, int, int], float]

_TALLEST = 128
"""Rows of a band. Each filters ten rows of its neighbour's once more, so few are better."""

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
    few: int,
) -> float:
    """Sum of ``kernel`` over ``rows`` rows of each of ``planes``; a grey image has 0 alone.

    Below ``few`` pixels, counted in every plane, one thread is faster than handing out work.
    """
    global _pool
    if sr.ndim == 2:
        sr, hr = sr[..., None], hr[..., None]
    wanted = (0,) if sr.shape[2] == 1 else planes
    sr, hr = np.ascontiguousarray(sr), np.ascontiguousarray(hr)
    small = sr.shape[0] * sr.shape[1] * len(wanted) < few
    some_rows = [(0, rows)] if small else even_bands(rows)
    work = [(plane, first, last) for plane in wanted for first, last in some_rows]
    waiting = iter(work)
    sums: list[float] = []

    def take() -> None:
        for plane, first, last in waiting:  # a list's iterator gives each item to one thread
            sums.append(kernel(sr, hr, plane, crop, first, last))

    if small or cores() == 1 or getattr(_this_thread, "is_one_of_many", False):
        take()
        return math.fsum(sums)
    if _pool is None:
        _pool = ThreadPoolExecutor(cores() - 1, thread_name_prefix="esrbench-metrics")
    others = [_pool.submit(take) for _ in range(min(cores(), len(work)) - 1)]
    take()
    for other in others:
        other.result()
    return math.fsum(sums)


def even_bands(rows: int) -> list[tuple[int, int]]:
    """``rows`` in an even number of bands that differ by a row at most, so that two cores share."""
    count = 2 * math.ceil(rows / (2 * _TALLEST))
    edges = [rows * i // count for i in range(count + 1)]
    return [(first, last) for first, last in pairwise(edges) if last > first]
