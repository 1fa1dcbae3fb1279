"""Where one forward spends its time: milliseconds, MACs and bytes of every operator, by module.

Each operator is timed by itself, device idle before and after, so the sum is more than a forward
takes where operators overlap or launches hide; the shares are what this table is for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._pytree import tree_leaves

from esrbench.counting.dispatch_mode import DispatchMode
from esrbench.counting.mac_formulas import FORMULAS
from esrbench.counting.module_path import following
from esrbench.counting.provenance import operator_name
from esrbench.timing.clock import Clock


@dataclass
class LayerCost:
    """All calls of one operator within one module."""

    module: str
    """The innermost module's path; empty for the network itself."""
    operator: str
    calls: int = 0
    ms: float = 0.0
    macs: int = 0
    bytes: int = 0
    """Read and written, each operand once: what a cache cannot spare beyond the operator."""


class _Layers(DispatchMode):
    """Times every operator while it is entered."""

    def __init__(self, stack: list[str], clock: Clock) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.costs: dict[tuple[str, str], LayerCost] = {}
        self._stack, self._clock = stack, clock

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        """Run the operator between two readings of the clock."""
        kwargs = kwargs or {}
        out, ms = self._clock.time(lambda _: func(*args, **kwargs), None)
        name = operator_name(func)
        key = (self._stack[-1] if self._stack else "", name)
        cost = self.costs.setdefault(key, LayerCost(*key))
        cost.calls += 1
        cost.ms += ms
        cost.bytes += 0 if _is_view(out, args) else _bytes((args, kwargs)) + _bytes(out)
        if name in FORMULAS:
            rest = func._schema.arguments[len(args) :]
            full = [*args, *(kwargs.get(a.name, a.default_value) for a in rest)]
            first = out[0] if isinstance(out, tuple | list) else out
            cost.macs += FORMULAS[name].formula(full, first)
        return out


def layer_costs(
    module: nn.Module, call: Callable[[Tensor], object], lr: Tensor, clock: Clock, passes: int = 3
) -> list[LayerCost]:
    """What ``call(lr)`` costs, which runs ``module``: the fastest of a few passes, after one warm.

    In the order in which the operators first ran.
    """
    call(lr)
    best: list[LayerCost] | None = None
    for _ in range(passes):
        with following(module) as stack, torch.no_grad(), _Layers(stack, clock) as layers:
            call(lr)
        costs = list(layers.costs.values())
        if best is None or sum(c.ms for c in costs) < sum(c.ms for c in best):
            best = costs
    return best or []


def _bytes(values: object) -> int:
    tensors = [leaf for leaf in tree_leaves(values) if isinstance(leaf, Tensor)]
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors)


def _is_view(out: object, args: object) -> bool:
    """Whether an operator only gave another view of its first operand: nothing was moved."""
    inputs = [leaf for leaf in tree_leaves(args) if isinstance(leaf, Tensor)]
    if not isinstance(out, Tensor) or not inputs or out is inputs[0]:
        return False
    return out.untyped_storage().data_ptr() == inputs[0].untyped_storage().data_ptr() != 0
