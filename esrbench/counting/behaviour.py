"""Why a network may not answer the same twice: what it draws, what it trains, what it changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.dropout import _DropoutNd

from esrbench.counting.dispatch_mode import DispatchMode
from esrbench.counting.provenance import operator_name


@dataclass(frozen=True)
class Behaviour:
    """What one forward was seen to do."""

    drawing: Counter[str]
    """Operators that draw random numbers, with their calls."""
    dropout: int
    """Dropout modules in training mode."""
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


def _takes_statistics(func: Any, args: Any) -> bool:
    named = [argument.name for argument in func._schema.arguments]
    where = named.index("training") if "training" in named else None
    return where is not None and len(args) > where and args[where] is True


def behaviour_of(module: nn.Module, call: Callable[[Tensor], object], lr: Tensor) -> Behaviour:
    """What ``call(lr)``, which runs ``module``, does besides computing; raises what it raises."""
    held = {**dict(module.named_parameters()), **dict(module.named_buffers())}
    before = {name: tensor.detach().clone() for name, tensor in held.items()}
    with torch.no_grad(), _Watch() as watch:
        call(lr)
    after = {**dict(module.named_parameters()), **dict(module.named_buffers())}
    changed = [n for n, was in before.items() if n not in after or not _same(after[n], was)]
    dropout = sum(isinstance(m, _DropoutNd) and m.training for m in module.modules())
    training = sum(isinstance(m, _BatchNorm) and m.training for m in module.modules())
    batch_norm = max(watch.batch_norm, training)
    return Behaviour(watch.drawing, dropout, batch_norm, tuple(changed))


def _same(one: Tensor, other: Tensor) -> bool:
    return one.shape == other.shape and bool(torch.equal(one.detach(), other))
