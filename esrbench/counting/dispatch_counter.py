"""The second counter: every operator that reaches PyTorch's dispatcher, by operator and module.

It sees what runs, not what a trace makes of it, so a convolution behind ``autograd.Function`` or a
functional call counts like any other. What it cannot see through it names.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._pytree import tree_leaves

from esrbench.counting.dispatch_mode import DispatchMode
from esrbench.counting.inside_opaque import call_and_look
from esrbench.counting.mac_formulas import FORMULAS, Family
from esrbench.counting.operator_kinds import Kind, kind_of, operations
from esrbench.counting.provenance import Provenance, operator_name, written_arguments


@dataclass
class DispatchCounts:
    """What one forward did, as the dispatcher saw it."""

    macs: int = 0
    by_operator: Counter[str] = field(default_factory=Counter)
    calls: Counter[str] = field(default_factory=Counter)
    by_family: Counter[Family] = field(default_factory=Counter)
    by_module: Counter[str] = field(default_factory=Counter)
    """MACs of each submodule, those inside it included."""
    other_operations: Counter[Kind] = field(default_factory=Counter)
    """Arithmetic that is no MAC, by kind, in element operations."""
    convs: int = 0
    """Calls of a convolution, functional ones included."""
    conv_activations: int = 0
    """Output elements of those calls."""
    dtypes: Counter[str] = field(default_factory=Counter)
    """MACs by the least precise of an operator's operands and its result: ``float32``, ``float16``
    under autocast, ``int8``, ..."""
    opaque: Counter[str] = field(default_factory=Counter)
    """Operators on tensors that have no formula, with their calls."""


class DispatchCounter(DispatchMode):
    """Counts while it is entered, under ``torch.no_grad`` (inference mode skips autograd's layer).

    ``stack`` holds the module paths being called (:func:`module_path.following`). ``look_inside``
    asks the profiler about opaque operators, which needs real tensors.
    """

    def __init__(
        self, model: nn.Module, example: Tensor, stack: list[str], *, look_inside: bool
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.counts = DispatchCounts()
        self.provenance = Provenance(model, example)
        self._stack = stack
        self._look_inside = look_inside

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        """Run the operator and count it."""
        kwargs = kwargs or {}
        name = operator_name(func)
        if name in FORMULAS:
            return self._count(func, args, kwargs)
        kind: Kind = kind_of(func) if isinstance(func, torch._ops.OpOverload) else "unknown"
        if kind != "unknown":
            out = self._run(func, args, kwargs, func)
            self.counts.other_operations[kind] += operations(kind, args, out)
            return out
        if isinstance(func, torch._ops.OpOverload):
            # An operator made of others is counted as those.
            with self:
                out = func.decompose(*args, **kwargs)
            if out is not NotImplemented:
                return out
        if any(isinstance(leaf, Tensor) for leaf in tree_leaves((args, kwargs))):
            self.counts.opaque[name] += 1
        call = self._looking_inside(func, name) if self._look_inside else func
        return self._run(func, args, kwargs, call)

    def _count(self, func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
        name = operator_name(func)
        family = FORMULAS[name].family
        full = _full_arguments(func, args, kwargs)
        # A convolution has its weight second; a product may have it on either side, and what has
        # one dimension only is a bias.
        operands = full[1:2] if family == "convolution" else full
        matrices = [a for a in operands if isinstance(a, Tensor) and a.dim() > 1]
        layer = matrices if family in ("convolution", "matmul") else []
        out = self._run(func, args, kwargs, func, layer)
        first = out[0] if isinstance(out, tuple | list) else out
        macs = FORMULAS[name].formula(full, first)
        self._add(name, family, macs)
        self.counts.dtypes[_precision([first, *(operands if layer else full)])] += macs
        if family == "convolution":
            self.counts.convs += 1
            self.counts.conv_activations += first.numel()
        return out

    def _run(
        self,
        func: Any,
        args: Any,
        kwargs: dict[str, Any],
        call: Any,
        layer: list[Tensor] | None = None,
    ) -> Any:
        inputs = [leaf for leaf in tree_leaves((args, kwargs)) if isinstance(leaf, Tensor)]
        written = written_arguments(func, args, kwargs)
        origin = self.provenance.before(func, inputs, written)
        if layer:
            self.provenance.layer(layer, origin)
        out = call(*args, **kwargs)
        outputs = [leaf for leaf in tree_leaves(out) if isinstance(leaf, Tensor)]
        self.provenance.after(func, outputs, written, origin)
        return out

    def _looking_inside(self, func: Any, name: str) -> Any:
        def call(*args: Any, **kwargs: Any) -> Any:
            out, macs = call_and_look(lambda: func(*args, **kwargs))
            if macs:
                self._add(f"{name} (inside, at least)", "opaque operators", macs)
            return out

        return call

    def _add(self, operator: str, family: Family, macs: int) -> None:
        self.counts.macs += macs
        self.counts.calls[operator] += 1
        self.counts.by_operator[operator] += macs
        self.counts.by_family[family] += macs
        for path in set(self._stack):
            self.counts.by_module[path] += macs


def _precision(values: list[Any]) -> str:
    """The name of the least precise type among the tensors; a complex one counts as its parts."""
    tensors = [value for value in values if isinstance(value, Tensor) and value.dim() > 1]
    integers = {t.dtype for t in tensors if not (t.is_floating_point() or t.is_complex())}
    floats = [torch.finfo(t.dtype) for t in tensors if t.dtype not in integers]
    small = {str(dtype) for dtype in integers if dtype in _QUANTISED}
    if small:
        return min(small).removeprefix("torch.")
    return max(floats, key=lambda info: info.eps).dtype if floats else "integers"


_QUANTISED = (torch.int8, torch.uint8, torch.qint8, torch.quint8)


def _full_arguments(func: Any, args: Any, kwargs: dict[str, Any]) -> list[Any]:
    """All arguments in the schema's order, those given by name and the defaults too."""
    rest = func._schema.arguments[len(args) :]
    return [*args, *(kwargs.get(a.name, a.default_value) for a in rest)]
