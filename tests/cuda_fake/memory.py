"""The caching allocator's account: what tensors hold, what is reserved, and the peaks of both.

Sizes as documented (PyTorch, *Memory management*): blocks are rounded to 512 bytes; a segment of
2 MiB is reserved for blocks up to 1 MiB, of 20 MiB up to 10 MiB, and multiples of 2 MiB beyond.
"""

from __future__ import annotations

import torch

_BLOCK, _MIB = 512, 2**20


class Memory:
    """Of one device; freed blocks stay reserved until the cache is given back."""

    def __init__(self, total: int = 80 * 2**30, context: int = 500 * _MIB) -> None:
        self.total, self.context = total, context
        self.allocated = self.reserved = 0
        self.most_allocated = self.most_reserved = 0

    def take(self, size: int) -> int:
        """Allocate; answers the bytes that are to be given back."""
        rounded = -(-size // _BLOCK) * _BLOCK
        missing = self.allocated + rounded - self.reserved
        if missing > 0:
            segment = _segment(rounded)
            if self.context + self.reserved + segment > self.total:
                raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate too much.")
            self.reserved += max(segment, -(-missing // (2 * _MIB)) * 2 * _MIB)
        self.allocated += rounded
        self._note()
        return rounded

    def give_back(self, rounded: int) -> None:
        """Free what :meth:`take` answered; it stays reserved."""
        self.allocated -= rounded

    def empty_cache(self) -> None:
        """Nothing is reserved any more beyond the segments that tensors lie in."""
        self.reserved = min(self.reserved, -(-self.allocated // (2 * _MIB)) * 2 * _MIB)

    def reset_peaks(self) -> None:
        """The peaks are what is there now."""
        self.most_allocated, self.most_reserved = self.allocated, self.reserved

    def _note(self) -> None:
        self.most_allocated = max(self.most_allocated, self.allocated)
        self.most_reserved = max(self.most_reserved, self.reserved)


def _segment(size: int) -> int:
    if size <= _MIB:
        return 2 * _MIB
    if size < 10 * _MIB:
        return 20 * _MIB
    return -(-size // (2 * _MIB)) * 2 * _MIB
