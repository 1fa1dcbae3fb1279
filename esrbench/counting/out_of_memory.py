"""Whether a forward failed for want of memory: then it may do at another size, and is no fault."""

from __future__ import annotations

import torch


def is_out_of_memory(error: BaseException) -> bool:
    """Of a GPU, of Python, or of torch's CPU allocator, which has no type of its own for it."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    return "alloc" in str(error) and "memory" in str(error)
