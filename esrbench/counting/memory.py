"""Peak memory of a call: live tensor bytes on a CPU, the allocator's figures on CUDA.

On a CPU every storage an operator makes is followed until it is freed, which gives the same number
on any machine. What an operator uses inside itself (a convolution's workspace) is not seen; the
resident set of the process, beside it, holds that and everything else.
"""

from __future__ import annotations

import resource
import sys
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._pytree import tree_leaves

from esrbench.counting.dispatch_mode import DispatchMode
from esrbench.counting.outside_calls import OutsideCalls
from esrbench.counting.python_memory import PythonMemory

_OBJECTS, _COUNTS = 4 << 20, 0.1
"""Bytes that a forward's own objects may take, and the part of the tensors' that counts."""


class LiveBytes(DispatchMode):
    """While entered, follows the bytes of the storages that operators make."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.live = 0
        self.peak = 0
        self._known: weakref.WeakSet[Any] = weakref.WeakSet()

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        """Run the operator, then take up what it made."""
        kwargs = kwargs or {}
        # Storages that were there before are the caller's, not the call's.
        before = {id(storage) for storage in _storages((args, kwargs))}
        out = func(*args, **kwargs)
        for storage in _storages(out):
            if id(storage) not in before and storage not in self._known:
                self._take_up(storage)
        return out

    def _take_up(self, storage: Any) -> None:
        size = storage.nbytes()
        self._known.add(storage)
        self.live += size
        self.peak = max(self.peak, self.live)
        weakref.finalize(storage, self._let_go, size).atexit = False

    def _let_go(self, size: int) -> None:
        self.live -= size


def peak_live_tensor_bytes(call: Callable[[], object], *, baseline: int = 0) -> int | None:
    """Most bytes of tensors that were alive at once during ``call``, its result included.

    Counts what the call makes; ``baseline`` (:func:`resident_bytes` of the model and its input)
    is added. Runs the call once, without gradients, on a CPU. None where the call hands memory
    to something other than torch's operators, such as another runtime, whose own is not seen, and
    where Python holds as much as counts beside the tensors: arrays of numpy.
    """
    with PythonMemory() as python, torch.no_grad(), OutsideCalls() as outside, LiveBytes() as alive:
        result = call()
    del result
    peak = baseline + int(alive.peak)
    beside = python.peak > max(_OBJECTS, _COUNTS * peak)
    return None if outside.seen or beside else peak


def resident_bytes(model: nn.Module, *inputs: Tensor) -> int:
    """Bytes of the parameters, buffers and inputs, memory that is shared counted once."""
    storages = {
        id(storage): storage
        for tensor in (*model.parameters(), *model.buffers(), *inputs)
        for storage in _storages(tensor)
    }
    return int(sum(storage.nbytes() for storage in storages.values()))


def cuda_peak(call: Callable[[], object], device: torch.device | str) -> dict[str, int]:
    """``{"allocated", "reserved"}``: peak bytes of PyTorch's allocator during ``call``.

    Empty where the call hands memory to another runtime, whose allocator it does not see.

    The peak is reset first and the cache given back, so that neither loading nor another shape
    shows; weights and inputs that are on the device already are part of it.
    """
    torch.cuda.synchronize(device)
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats(device)
    with torch.no_grad(), OutsideCalls() as outside:
        result = call()
    torch.cuda.synchronize(device)
    del result
    if outside.seen:
        return {}
    return {
        "allocated": int(torch.cuda.max_memory_allocated(device)),
        "reserved": int(torch.cuda.max_memory_reserved(device)),
    }


def rss_bytes() -> int | None:
    """Resident set of this process now; None where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except (OSError, IndexError, ValueError):
        return None
    return pages * resource.getpagesize()


def peak_rss_bytes() -> int:
    """Largest resident set of this process since it began."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _storages(tree: object) -> list[Any]:
    found = []
    for leaf in tree_leaves(tree):
        if isinstance(leaf, Tensor):
            try:
                found.append(leaf.untyped_storage())
            except (NotImplementedError, RuntimeError):
                continue
    return found
