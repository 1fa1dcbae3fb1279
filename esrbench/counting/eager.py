"""Compiled code, run as it was written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from esrbench.counting import compiler


@contextmanager
def eager() -> Iterator[None]:
    """Run what is compiled with ``torch.compile`` as it was written, so that counters see it.

    fvcore's tracer refuses compiled code all the same.
    """
    if not compiler.loaded():
        yield
        return
    with torch.compiler.set_stance("force_eager"):
        yield
