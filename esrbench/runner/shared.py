"""Float32 arrays that judge and runner both see, without a copy through a pipe."""

from __future__ import annotations

import fcntl
import mmap
import os
import tempfile
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

ROOM = 4 * 2**30
"""Bytes of each: more than any LR or SR; memory is taken only where something was written."""
_SHRINK, _GROW, _SEAL, _FUTURE_WRITE = 0x2, 0x4, 0x1, 0x10
"""Linux's seals: ``fcntl`` has names for the last one from Python 3.13."""


class SharedArray:
    """Memory without a name, mapped by both processes.

    The judge creates it and hands the descriptor down; it goes with the last process that holds it,
    however that process ends. Its size is fixed and sealed: a file that is made shorter is a SIGBUS
    to whoever reads it. What the judge alone may write is sealed against that as well.

    Nothing keeps a runner from writing while the judge reads: take a copy, and check the copy.
    """

    def __init__(self, descriptor: int, *, writable: bool = True) -> None:
        self.descriptor = descriptor
        access = mmap.ACCESS_WRITE if writable else mmap.ACCESS_READ
        size = os.fstat(descriptor).st_size
        self._map: mmap.mmap | None = mmap.mmap(descriptor, size, access=access)

    @classmethod
    def create(cls, *, from_judge: bool = False) -> SharedArray:
        """A new one of zeros; ``from_judge``: only this mapping of it can be written.

        Without memfds (elsewhere than on Linux) it is an unlinked file that nothing seals.
        """
        if not hasattr(os, "memfd_create"):
            with tempfile.TemporaryFile() as file:
                file.truncate(ROOM)
                return cls(os.dup(file.fileno()))
        descriptor = os.memfd_create("esrbench", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        os.ftruncate(descriptor, ROOM)
        array = cls(descriptor)
        seals = _SHRINK | _GROW | (_FUTURE_WRITE if from_judge else 0)
        fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, seals | _SEAL)
        return array

    def view(self, shape: tuple[int, ...], start: int = 0) -> NDArray[np.float32]:
        """``prod(shape)`` floats, from the ``start``-th on, as an array of ``shape``, not cleared.

        Raises ValueError where there is no room for so many.
        """
        if 4 * (start + prod(shape)) > ROOM:
            raise ValueError(f"{shape} is more than the {ROOM // 2**30} GiB there are")
        assert self._map is not None
        flat: NDArray[np.float32] = np.frombuffer(
            self._map, dtype=np.float32, count=prod(shape), offset=4 * start
        )
        return flat.reshape(shape)

    def write_bytes(self, start: int, data: bytes) -> None:
        """Lay ``data`` down from byte ``start`` on; raises ValueError where there is no room."""
        if start + len(data) > ROOM:
            raise ValueError(f"{len(data)} bytes are more than there is room for")
        assert self._map is not None
        self._map[start : start + len(data)] = data

    def read_bytes(self, start: int, count: int) -> bytes:
        """A copy of ``count`` bytes from ``start`` on; raises ValueError beyond the end."""
        if start + count > ROOM:
            raise ValueError(f"{count} bytes are more than there are")
        assert self._map is not None
        return self._map[start : start + count]

    @property
    def bytes_used(self) -> int:
        """Memory that it takes now, whoever wrote it."""
        return os.fstat(self.descriptor).st_blocks * 512

    def close(self) -> None:
        """Give the descriptor back; views that are still held keep the memory alive."""
        self._map = None
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1

    def __enter__(self) -> SharedArray:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()
