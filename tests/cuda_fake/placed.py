"""Tensors "on cuda": they lie in this machine's memory, and the fake hears of all that is done.

``placed`` answers every request for a CUDA device with the CPU, and takes whatever brings values to
the host for what it is on a device: a wait, which no capture allows. ``Kernels``, while entered,
makes each operator a launch on the current stream, and counts its memory.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map

from .cuda import FakeCuda

_MAKERS = ("rand", "randn", "zeros", "ones", "empty", "full", "arange", "tensor", "empty_like",
           "rand_like", "zeros_like")  # fmt: skip
_READS = ("cpu", "item", "tolist", "numpy")
_READING_OPERATORS = frozenset(("_local_scalar_dense", "equal", "nonzero", "is_nonzero"))


def _here(value: Any) -> Any:
    """``value``, or the CPU where it names a CUDA device."""
    cuda = isinstance(value, torch.device) and value.type == "cuda"
    if cuda or (isinstance(value, str) and value.partition(":")[0] == "cuda"):
        return torch.device("cpu")
    return value


def _answered_here(function: Callable[..., Any]) -> Callable[..., Any]:
    def call(*arguments: Any, **named: Any) -> Any:
        return function(*map(_here, arguments), **{k: _here(v) for k, v in named.items()})

    return call


@contextmanager
def placed(cuda: FakeCuda) -> Iterator[None]:
    """In every thread: what asks for ``cuda`` gets memory of the CPU, and who reads values waits.

    By methods that are replaced, not by a mode: under one of those a trace records nothing.
    """
    kept: list[tuple[Any, str, Any]] = []

    def put(owner: Any, name: str, make: Callable[..., Any]) -> None:
        kept.append((owner, name, getattr(owner, name)))
        setattr(owner, name, make(kept[-1][2]))

    def reading(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            cuda.current_stream().synchronize()
            return function(*arguments, **named)

        return call

    def moving(function: Callable[..., Any]) -> Callable[..., Any]:
        read, move = reading(function), _answered_here(function)

        def call(*arguments: Any, **named: Any) -> Any:
            to_host = any(_is_host(value) for value in (*arguments, *named.values()))
            return (read if to_host else move)(*arguments, **named)

        return call

    try:
        put(Tensor, "to", moving)
        put(torch.nn.Module, "to", _answered_here)
        for name in _MAKERS:
            put(torch, name, _answered_here)
        for name in _READS:
            put(Tensor, name, reading)
        yield
    finally:
        for owner, name, real in reversed(kept):
            setattr(owner, name, real)


def _is_host(value: Any) -> bool:
    named = isinstance(value, str) and value == "cpu"
    return named or (isinstance(value, torch.device) and value.type == "cpu")


class Kernels(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """While entered, operators are launches; in a capture they are noted and leave no values."""

    def __init__(self, cuda: FakeCuda) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._cuda = cuda
        self._known: weakref.WeakSet[Any] = weakref.WeakSet()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if func.overloadpacket.__name__ in _READING_OPERATORS:
            self._cuda.current_stream().synchronize()
            return func(*args, **kwargs)
        writes = any(a.alias_info and a.alias_info.is_write for a in func._schema.arguments)
        if not self._cuda.is_current_stream_capturing():
            out: list[Any] = []
            self._cuda.launch(run=lambda: out.append(func(*args, **kwargs)))
            self._take_up(out[0])
            return out[0]
        if writes:
            self._cuda.launch(run=lambda: func(*args, **kwargs))
            return args[0]
        made = func(*args, **kwargs)
        if _aliases(made, args):
            return made
        self._take_up(made)
        self._cuda.launch(run=lambda: _copy(func(*args, **kwargs), made))
        tree_map(_spoil, made)
        return made

    def _take_up(self, made: Any) -> None:
        memory = self._cuda.device_of().memory
        for leaf in tree_leaves(made):
            if not isinstance(leaf, Tensor) or leaf.is_meta:
                continue
            storage = leaf.untyped_storage()
            if storage in self._known or storage.nbytes() == 0:
                continue
            self._known.add(storage)
            taken = memory.take(storage.nbytes())
            weakref.finalize(storage, memory.give_back, taken).atexit = False


def _aliases(made: Any, given: Any) -> bool:
    there = {leaf.untyped_storage().data_ptr() for leaf in tree_leaves(given)
             if isinstance(leaf, Tensor)}  # fmt: skip
    return any(isinstance(leaf, Tensor) and leaf.untyped_storage().data_ptr() in there
               for leaf in tree_leaves(made))  # fmt: skip


def _copy(new: Any, old: Any) -> None:
    for source, target in zip(tree_leaves(new), tree_leaves(old), strict=True):
        if isinstance(target, Tensor):
            target.copy_(source)


def _spoil(leaf: Any) -> Any:
    """A captured kernel has not run: its output holds anything."""
    if isinstance(leaf, Tensor) and leaf.is_floating_point():
        leaf.fill_(torch.nan)
    return leaf
