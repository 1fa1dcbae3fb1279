"""Why a network may not answer the same twice: what it draws, what it trains, what it changes."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.dropout import _DropoutNd
from torch.overrides import TorchFunctionMode

from esrbench.counting.dispatch_mode import DispatchMode
from esrbench.counting.provenance import operator_name


@dataclass(frozen=True)
class Behaviour:
    """What one forward was seen to do."""

    drawing: Counter[str]
    """Operators that draw random numbers, with their calls; ``numpy.random`` and ``random`` where
    these libraries' generators moved on."""
    dropout: int
    """Dropout modules in training mode, or calls of dropout as a function that drops something."""
    batch_norm: int
    """Batch norms that took their statistics from the batch."""
    changed: tuple[str, ...]
    """Parameters and buffers whose values are others than before."""


class _Watch(DispatchMode):
    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.drawing: Counter[str] = Counter()
        self.batch_norm = 0

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        """Run the operator, noting what it is."""
        if torch.Tag.nondeterministic_seeded in getattr(func, "tags", ()):
            self.drawing[operator_name(func)] += 1
        elif "batch_norm" in operator_name(func):
            self.batch_norm += _takes_statistics(func, args)
        return func(*args, **(kwargs or {}))


class _Dropouts(TorchFunctionMode):
    """Counts calls of dropout, a module's included, that may drop something."""

    def __init__(self) -> None:
        super().__init__()
        self.calls = 0

    def __torch_function__(
        self, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        """Run the function, noting whether it is a dropout that is on."""
        kwargs = kwargs or {}
        if (unsaid := _ON_BY_DEFAULT.get(getattr(func, "__name__", ""))) is not None:
            share = kwargs.get("p", args[1] if len(args) > 1 else 0.5)
            third = args[2] if len(args) > 2 else unsaid
            self.calls += bool(kwargs.get("training", kwargs.get("train", third))) and share != 0
        return func(*args, **kwargs)


_ON_BY_DEFAULT = {
    "dropout": True, "dropout1d": True, "dropout2d": True, "dropout3d": True,
    "alpha_dropout": False, "feature_alpha_dropout": False, "feature_dropout": False,
}  # fmt: skip
"""Of ``torch.nn.functional``: whether a call that does not say so drops."""


def _moved(before: tuple[Any, Any]) -> list[str]:
    """The libraries beside torch whose generators are not where they were."""
    now, names = _states(), ("numpy.random", "random")
    return [name for name, was, one in zip(names, before, now, strict=True) if was != one]


def _states() -> tuple[Any, Any]:
    kind, keys, *rest = np.random.get_state()
    return (kind, np.asarray(keys).tobytes(), *rest), random.getstate()


def _takes_statistics(func: Any, args: Any) -> bool:
    named = [argument.name for argument in func._schema.arguments]
    where = named.index("training") if "training" in named else None
    return where is not None and len(args) > where and args[where] is True


def behaviour_of(module: nn.Module, call: Callable[[Tensor], object], lr: Tensor) -> Behaviour:
    """What ``call(lr)``, which runs ``module``, does besides computing; raises what it raises."""
    held = {**dict(module.named_parameters()), **dict(module.named_buffers())}
    before = {name: tensor.detach().clone() for name, tensor in held.items()}
    generators = _states()
    with torch.no_grad(), _Dropouts() as dropouts, _Watch() as watch:
        call(lr)
    watch.drawing.update(_moved(generators))
    for inner in module.modules():  # of a graph that runs outside torch
        watch.drawing.update(getattr(inner, "draws_unseen", {}))
    after = {**dict(module.named_parameters()), **dict(module.named_buffers())}
    changed = [n for n, was in before.items() if n not in after or not _same(after[n], was)]
    modules = sum(isinstance(m, _DropoutNd) and m.training for m in module.modules())
    training = sum(isinstance(m, _BatchNorm) and m.training for m in module.modules())
    batch_norm = max(watch.batch_norm, training)
    return Behaviour(watch.drawing, max(modules, dropouts.calls), batch_norm, tuple(changed))


def _same(one: Tensor, other: Tensor) -> bool:
    return one.shape == other.shape and bool(torch.equal(one.detach(), other))
