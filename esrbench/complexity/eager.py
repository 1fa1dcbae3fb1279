"""Compiled code, run as it was written."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def eager() -> Iterator[None]:
    """Run what is compiled with ``torch.compile`` as it was written, so that counters see it.

    fvcore's tracer refuses compiled code all the same.
    """
    if "torch._dynamo" not in sys.modules:
        # Nothing can have been compiled, and importing the compiler takes seconds.
        yield
        return
    with torch.compiler.set_stance("force_eager"):
        yield
