"""How the loops of ``kernels`` are compiled: by numba, once for a machine, without the GIL."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

Function = TypeVar("Function", bound=Callable[..., object])

_njit: Any = numba.njit
_MATHS = {"contract", "reassoc", "nsz"}
"""Fused multiply-add and sums in any order, so that loops use vector registers; NaN and infinity
keep their meaning. What it changes is below 1e-13 of a figure."""


def compiled(*signature: Any) -> Callable[[Function], Function]:
    """Compile a function for ``signature``, or for what it is called with where none is given."""

    def decorate(function: Function) -> Function:
        options: dict[str, Any] = {"nogil": True, "fastmath": _MATHS, "error_model": "numpy"}
        try:
            made = _njit(*signature, cache=True, **options)(function)
        except RuntimeError:  # no folder that the compiled code could be kept in
            made = _njit(*signature, **options)(function)
        return cast(Function, made)

    return decorate
