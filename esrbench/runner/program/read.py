"""Make a module of a program that came as data. Runs where no submission's code is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, fx, nn

from esrbench.errors import SubmissionError
from esrbench.runner.program import operators
from esrbench.runner.program.document import Document, Value, kind_of
from esrbench.submission.formats.frozen import Frozen

_DEEPEST = 6
_PARAMETER, _NAME = "parameter", "t{}"


def module_of(document: Document, tensors: Mapping[str, Tensor], device: torch.device) -> nn.Module:
    """The network that ``document`` and its ``tensors`` are; raises SubmissionError for none."""
    if len(tensors) != len(document.kinds):
        raise SubmissionError("a program whose tensors are not those it names")
    root = nn.Module()
    for number, kind in enumerate(document.kinds):
        tensor = tensors[str(number)].to(device)
        if kind == _PARAMETER and tensor.is_floating_point():
            root.register_parameter(_NAME.format(number), nn.Parameter(tensor, requires_grad=False))
        else:
            root.register_buffer(_NAME.format(number), tensor)
    graph = fx.Graph()
    building = _Building(graph, graph.placeholder("lr"), len(document.kinds), device)
    for node in document.nodes:
        building.add(node.op, list(node.args), dict(node.kwargs))
    graph.output(building.value(document.output))
    graph.lint()
    return Frozen(Unchanging(fx.GraphModule(root, graph)))


class Unchanging(nn.Module):
    """Calls ``graph``, and refuses one that writes into its own tensors: it would keep a state."""

    def __init__(self, graph: nn.Module) -> None:
        super().__init__()
        self.graph = graph
        self._kept = [*graph.parameters(), *graph.buffers()]

    def forward(self, x: Tensor) -> Any:
        """What the graph makes of ``x``; raises SubmissionError where its tensors changed."""
        before = [tensor._version for tensor in self._kept]
        y = self.graph(x)
        if before != [tensor._version for tensor in self._kept]:
            raise SubmissionError("Its graph writes into its own tensors.")
        return y


class _Building:
    """A graph under way: what came before can be referred to, and nothing else."""

    def __init__(self, graph: fx.Graph, lr: fx.Node, tensors: int, device: torch.device) -> None:
        self._graph, self._lr, self._device = graph, lr, device
        self._nodes: list[fx.Node] = []
        self._tensors: list[fx.Node | None] = [None] * tensors

    def add(self, op: str, args: list[Value], kwargs: dict[str, Value]) -> None:
        """The next operator."""
        function = operators.function_of(op)
        given = tuple(self.value(a) for a in args)
        named = {key: self.value(a) for key, a in kwargs.items()}
        if isinstance(function, torch._ops.OpOverload):
            _fits(op, function, given, named)
        self._nodes.append(self._graph.call_function(function, given, named))

    def value(self, value: Value, depth: int = 0) -> Any:
        """What ``value`` stands for."""
        if value is None or isinstance(value, bool | int | float | str):
            return value
        if depth > _DEEPEST:
            raise SubmissionError("values within each other too deep")
        if isinstance(value, list):
            return [self.value(one, depth + 1) for one in value]
        return self._referred(*kind_of(value))

    def _referred(self, kind: str, what: Any) -> Any:
        if kind == "node" and type(what) is int and 0 <= what < len(self._nodes):
            return self._nodes[what]
        if kind == "tensor" and type(what) is int and 0 <= what < len(self._tensors):
            found = self._tensors[what] or self._graph.get_attr(_NAME.format(what))
            self._tensors[what] = found
            return found
        if (kind, what) == ("input", 0):
            return self._lr
        if (kind, what) == ("device", 0):
            return self._device
        if kind == "float" and what in ("inf", "-inf", "nan"):
            return float(what)
        named = _NAMED.get(kind, {}).get(what) if isinstance(what, str) else None
        if named is None:
            raise SubmissionError("a value of no known kind, or of what comes later")
        return named


def _fits(
    op: str, function: torch._ops.OpOverload, args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> None:
    """Raise SubmissionError unless the operator takes so many arguments, by these names, and draws
    nothing."""
    known = function._schema.arguments
    positional = [argument for argument in known if not argument.kwarg_only]
    if len(args) > len(positional) or set(kwargs) - {argument.name for argument in known}:
        raise SubmissionError(f"{op} with arguments that it does not take")
    given = {**dict(zip((argument.name for argument in known), args, strict=False)), **kwargs}
    if given.get("train", False) is not False or given.get("dropout_p", 0) != 0:
        raise SubmissionError(f"{op} that draws what it drops")


_NAMED: dict[str, dict[str, Any]] = {
    "dtype": operators.DTYPES,
    "layout": operators.LAYOUTS,
    "memory_format": operators.MEMORY_FORMATS,
}
