"""Float32 arrays that judge and runner both see, without a copy through a pipe."""

from __future__ import annotations

import mmap
import os
import tempfile
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_IN_MEMORY = Path("/dev/shm")


class SharedArray:
    """One unlinked file, mapped by both processes; it grows and never shrinks.

    The judge creates it and hands the descriptor down; the file has no name, so it goes with the
    last process that holds it, however that process ends.
    """

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self._map: mmap.mmap | None = None

    @classmethod
    def create(cls) -> SharedArray:
        """A new, empty one, in memory where the system offers it."""
        folder = str(_IN_MEMORY) if os.access(_IN_MEMORY, os.W_OK) else None
        with tempfile.TemporaryFile(dir=folder) as file:
            return cls(os.dup(file.fileno()))

    def view(self, shape: tuple[int, ...]) -> NDArray[np.float32]:
        """The first ``prod(shape)`` floats as an array of ``shape``, writable, not cleared."""
        needed = max(prod(shape) * 4, 1)
        if self._map is None or len(self._map) < needed:
            self._grow(needed)
        assert self._map is not None
        flat: NDArray[np.float32] = np.frombuffer(self._map, dtype=np.float32, count=prod(shape))
        return flat.reshape(shape)

    def close(self) -> None:
        """Give the descriptor back; views that are still held keep the memory alive."""
        self._map = None
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1

    def _grow(self, needed: int) -> None:
        size = os.fstat(self.descriptor).st_size
        if size < needed:
            os.ftruncate(self.descriptor, needed)
            size = needed
        # The old map is dropped, not closed: views of it may still be held by the caller.
        self._map = mmap.mmap(self.descriptor, size)

    def __enter__(self) -> SharedArray:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()
