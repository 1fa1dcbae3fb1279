"""Follows values through a forward, and notices what no operator accounts for.

Three things show here and in no count of MACs: weights that are no parameters, tensors from outside
the model's operators (a numpy round trip, a global), and memory that something other than the
dispatcher has filled (a hand-written kernel).
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from torch import Tensor, nn

from esrbench.counting.operator_kinds import is_view
from esrbench.counting.origins import DATA, PARAMETER, STORED, Origin, Origins
from esrbench.counting.parameters import constants, storage_key

OUTSIDE_TENSOR = "a tensor made outside the model's operators"
OUTSIDE_WRITE = "memory filled outside the dispatcher"

_LARGE = 64
"""Elements above which a tensor from nowhere is no mere setting such as a mean or a size."""


class Provenance:
    """Told of every operator before and after it runs; the results are its public fields."""

    def __init__(self, model: nn.Module, example: Tensor) -> None:
        self.unexplained: Counter[str] = Counter()
        """:data:`OUTSIDE_TENSOR` and :data:`OUTSIDE_WRITE` with how often each was met."""
        self.foreign_elements = 0
        """Elements of tensors that neither an operator made nor the module holds."""
        self.weights_not_parameters = 0
        """Elements used as a convolution's or product's weight, stored, but in no parameter.

        A kernel computed from nothing but sizes (a resampling matrix) is none.
        """
        self.depth = 0
        """Weighted layers on the longest path so far."""
        self.params_used = 0
        """Elements of the parameters that some operator has read."""
        self._unread = {storage_key(p): p.numel() for p in model.parameters()}
        self._origins = Origins()
        self._weights_seen = Origins()
        held = [value for value in constants(model) if isinstance(value, Tensor)]
        for tensor in (*model.buffers(), *held):
            self._origins.note(tensor, Origin(STORED))
        for tensor in model.parameters():
            self._origins.note(tensor, Origin(PARAMETER))
        self._origins.note(example, Origin(DATA))

    def before(self, operator: Any, inputs: list[Tensor], written: list[Tensor]) -> Origin:
        """Check what the operator reads; returns the origin its results will have."""
        for tensor in inputs:
            self.params_used += self._unread.pop(storage_key(tensor), 0) if self._unread else 0
            origin = self._origins[tensor]
            if origin is None:
                self._origins.note(tensor, Origin(STORED))
                self.foreign_elements += tensor.numel()
                if tensor.numel() > _LARGE:
                    self.unexplained[OUTSIDE_TENSOR] += 1
            elif not origin.written and not _only_shape(operator) and not _among(tensor, written):
                origin.written = True
                self.unexplained[OUTSIDE_WRITE] += 1
        return self._origins.merged(inputs)

    def layer(self, operands: list[Tensor], origin: Origin) -> None:
        """The operator is a convolution or product: count it as a layer if it has a weight."""
        kinds = [self._origins.merged([operand]).kind for operand in operands]
        if any(kind != DATA for kind in kinds):
            origin.depth += 1
            if origin.kind == DATA:
                self.depth = max(self.depth, origin.depth)
        for tensor, kind in zip(operands, kinds, strict=True):
            if kind == STORED and self._weights_seen[tensor] is None:
                self._weights_seen.note(tensor, Origin(STORED))
                self.weights_not_parameters += tensor.numel()

    def after(
        self, operator: Any, outputs: list[Tensor], written: list[Tensor], origin: Origin
    ) -> None:
        """Note what the operator made or filled."""
        empty = operator_name(operator) in _ALLOCATES
        for tensor in outputs:
            if self._origins[tensor] is None:
                filled = not empty or tensor.numel() == 0
                self._origins.note(tensor, Origin(origin.kind, origin.depth, filled))
        for tensor in written:
            known = self._origins[tensor]
            if known is not None:
                known.kind = max(known.kind, origin.kind)
                known.depth = max(known.depth, origin.depth)
                known.written = True


def written_arguments(operator: Any, args: Any, kwargs: dict[str, Any]) -> list[Tensor]:
    """The tensors an operator writes in place, by its schema."""
    schema = getattr(operator, "_schema", None)
    found: list[Tensor] = []
    for position, argument in enumerate(schema.arguments if schema else ()):
        if argument.alias_info is None or not argument.alias_info.is_write:
            continue
        value = args[position] if position < len(args) else kwargs.get(argument.name)
        found += [
            v
            for v in (value if isinstance(value, list | tuple) else [value])
            if isinstance(v, Tensor)
        ]
    return found


def operator_name(operator: Any) -> str:
    """``aten::convolution``; of a higher-order operator its own name."""
    schema = getattr(operator, "_schema", None)
    return str(schema.name) if schema else str(operator)


def _among(tensor: Tensor, tensors: list[Tensor]) -> bool:
    return any(tensor is other for other in tensors)


_ALLOCATES = frozenset(
    f"aten::{name}"
    for name in (
        "empty",
        "empty_like",
        "empty_strided",
        "empty_permuted",
        "new_empty",
        "new_empty_strided",
        "resize_",
    )
)
_SHAPE_ONLY = frozenset(
    f"aten::{name}"
    for name in (
        "zeros_like",
        "ones_like",
        "full_like",
        "rand_like",
        "randn_like",
        "new_zeros",
        "new_ones",
        "new_full",
        "set_",
    )
)


def _only_shape(operator: Any) -> bool:
    """Whether the operator may be given unfilled memory: it looks at the shape alone."""
    name = operator_name(operator)
    if name in _ALLOCATES or name in _SHAPE_ONLY:
        return True
    return hasattr(operator, "_schema") and is_view(operator)
