"""Pages of files that a process has in memory, and how a fork gets them as well.

The kernel gives a fork none of its parent's pages of program files: it meets them one by one, and
until it has, its resident memory is smaller than that of a program that imported the same. Linux.
"""

from __future__ import annotations

import contextlib
import ctypes
import mmap
import re
from collections.abc import Iterator
from pathlib import Path

Ranges = list[tuple[int, int]]
"""First address and length, in bytes."""

_ENTRY = 8
"""Bytes of ``/proc/self/pagemap`` a page; the highest bit of the last: it is in memory."""
_THERE = re.compile(rb"[\x80-\xff]+")
_POPULATE_READ = 22


def resident_files() -> Ranges:
    """Where pages of mapped files are in this process's memory now; empty where nobody tells."""
    with contextlib.suppress(OSError):
        return list(_ranges())
    return []


def _ranges() -> Iterator[tuple[int, int]]:
    with Path("/proc/self/pagemap").open("rb", buffering=0) as pages:
        for line in Path("/proc/self/maps").read_text().splitlines():
            ends, rights, _, _, inode, *_ = line.split()
            if inode == "0" or not rights.startswith("r"):
                continue
            low, high = (int(end, 16) for end in ends.split("-"))
            pages.seek(low // mmap.PAGESIZE * _ENTRY)
            entries = pages.read((high - low) // mmap.PAGESIZE * _ENTRY)
            for run in _THERE.finditer(entries[_ENTRY - 1 :: _ENTRY]):
                first, last = run.span()
                yield low + first * mmap.PAGESIZE, (last - first) * mmap.PAGESIZE


def take_in(ranges: Ranges) -> None:
    """Have these pages in this process's memory; kernels before 5.14 leave them where they are."""
    madvise = ctypes.CDLL(None).madvise
    madvise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    for address, length in ranges:
        madvise(address, length, _POPULATE_READ)
