"""The C library's allocator, told to keep what is freed.

By default glibc hands a freed activation back to the system and asks for it again in the next
forward, page by page; whether it does so depends on where in the heap the buffer came to lie, for
as long as the process lives. With the memory kept no page is asked for twice, and a forward is
faster and steadier (docs/performance.md). CUDA's allocator keeps memory by itself.
``benchmarks/process_spread.py`` measures it.
"""

from __future__ import annotations

import os
import platform

_TUNABLES = {
    "mmap_max": 0,  # every buffer from the heap, none mapped and unmapped by itself
    "trim_threshold": 1 << 40,  # the heap never shrinks
    "top_pad": 64 << 20,  # and grows in large steps
}
_VARIABLE = "GLIBC_TUNABLES"


def allocator_environment() -> dict[str, str]:
    """Variables for a child that is timed; they count from its start. Empty without glibc."""
    if platform.libc_ver()[0] != "glibc":
        return {}
    return {_VARIABLE: ":".join(f"glibc.malloc.{k}={v}" for k, v in _TUNABLES.items())}


def keeps_memory() -> bool:
    """Whether this process was started with :func:`allocator_environment`."""
    wanted = allocator_environment()
    return bool(wanted) and os.environ.get(_VARIABLE) == wanted[_VARIABLE]
