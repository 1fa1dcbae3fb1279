"""What Python's allocators give out while a call runs: numpy's arrays, and no tensor of torch.

Numpy tells ``tracemalloc`` of its arrays. What a library takes from the system itself is not seen.
"""

from __future__ import annotations

import tracemalloc
from types import TracebackType


class PythonMemory:
    """While entered, follows what is given out; :attr:`peak` holds the most of it at once."""

    def __init__(self) -> None:
        self.peak = 0
        self._before = 0
        self._ours = False

    def __enter__(self) -> PythonMemory:
        self._ours = not tracemalloc.is_tracing()
        if self._ours:
            tracemalloc.start(1)
        tracemalloc.reset_peak()
        self._before = tracemalloc.get_traced_memory()[0]
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        why: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        self.peak = max(0, tracemalloc.get_traced_memory()[1] - self._before)
        if self._ours:
            tracemalloc.stop()
