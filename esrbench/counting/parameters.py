"""Params, buffers and the constants a module can reach.

``params`` is NTIRE's figure: the sum of numel over ``parameters()``, frozen ones and modules never
called included, a shared parameter once. Weights may also be kept where that sum does not look, so
buffers and every other tensor the module can reach are counted beside it.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType
from typing import Any

import numpy as np
from torch import Tensor, nn

_MODULE_DICTS = ("_parameters", "_buffers", "_modules")
_MAX_DEPTH = 8


def count_parameters(model: nn.Module) -> int:
    """Elements of all parameters, each once."""
    return sum(parameter.numel() for parameter in model.parameters())


def count_buffers(model: nn.Module) -> int:
    """Elements of all registered buffers, each once."""
    return sum(buffer.numel() for buffer in model.buffers())


def count_constants(model: nn.Module) -> int:
    """Elements of :func:`constants`: tensors and arrays that are no parameter and no buffer."""
    return sum(
        value.numel() if isinstance(value, Tensor) else int(value.size)
        for value in constants(model)
    )


def constants(model: nn.Module) -> list[Tensor | np.ndarray[Any, Any]]:
    """Tensors and numpy arrays in the attributes of any submodule, containers included, each once.

    A tensor that is a parameter, a buffer or a view of one is not listed again.
    """
    known = {storage_key(t) for t in (*model.parameters(), *model.buffers())}
    found: list[Tensor | np.ndarray[Any, Any]] = []
    for module in model.modules():
        attributes = {k: v for k, v in vars(module).items() if k not in _MODULE_DICTS}
        for value in _arrays(attributes, set(), _MAX_DEPTH):
            key = storage_key(value) if isinstance(value, Tensor) else id(value)
            if key not in known:
                known.add(key)
                found.append(value)
    return found


def storage_key(tensor: Tensor) -> int:
    """The same for tensors that share memory; a tensor without a storage is itself."""
    try:
        return int(tensor.untyped_storage()._cdata)
    except (NotImplementedError, RuntimeError):
        return id(tensor)


def _arrays(value: object, seen: set[int], depth: int) -> Iterator[Tensor | np.ndarray[Any, Any]]:
    if isinstance(value, Tensor) or (isinstance(value, np.ndarray) and value.dtype.kind in "fiuc"):
        yield value
        return
    if depth == 0 or id(value) in seen:
        return
    seen.add(id(value))
    for inner in _contents(value):
        yield from _arrays(inner, seen, depth - 1)


def _contents(value: object) -> list[object]:
    """What a container holds; of other objects the attributes, where they are plain."""
    if isinstance(value, dict):
        return list(value.values())
    if isinstance(value, list | tuple | set | frozenset):
        return list(value)
    if isinstance(value, nn.Module):
        # A module hidden from `modules()` (kept in a list, say) takes its weights along.
        return [*value.parameters(), *value.buffers(), *vars(value).values()]
    if isinstance(value, type | ModuleType) or callable(value) or not hasattr(value, "__dict__"):
        return []
    return list(vars(value).values())
