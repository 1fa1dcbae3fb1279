"""A look inside an operator the dispatcher cannot see through, with PyTorch's own profiler.

The profiler hears of every aten operator, also of those that a custom operator or an extension
calls itself. What a hand-written kernel does stays unseen, so this is a lower bound.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import torch

_MULTIPLY_ADDS = frozenset(
    f"aten::{name}" for name in ("conv2d", "mm", "addmm", "bmm", "baddbmm", "linear", "matmul")
)


def call_and_look(call: Callable[[], Any]) -> tuple[Any, int]:
    """The call's result, and the MACs of the convolutions and matrix products seen inside it.

    Real tensors only; the profiler must not be running already.
    """
    # The profiler's own banner would land on the submission's standard error.
    os.environ.setdefault("KINETO_LOG_LEVEL", "5")
    with torch.autograd.profiler.profile(record_shapes=True, with_flops=True) as profile:
        result = call()
    flops = sum(e.flops or 0 for e in profile.function_events or () if e.name in _MULTIPLY_ADDS)
    return result, flops // 2
