"""Export a loaded network for images of any height and width, and write it down as data."""

from __future__ import annotations

import math
import operator
import warnings
from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor, fx, nn
from torch.export import Dim, ExportedProgram
from torch.export.graph_signature import InputKind, OutputKind

from esrbench.errors import SubmissionError
from esrbench.runner.program import operators
from esrbench.runner.program.document import MOST_NODES, Document, Node, Value
from esrbench.runner.program.sized import STANDS_IN, Sized

_SIZE_FREE = ({2: Dim.AUTO, 3: Dim.AUTO},)
_ABOUT = 40
"""LR pixels a side of the example it is traced with; any other must do as well."""
_SAYS_NOTHING = frozenset(
    {
        "_assert_scalar", "_assert_tensor_metadata", "_assert_async", "sym_constrain_range",
        "sym_constrain_range_for_size", "_set_grad_enabled",
    }
)  # fmt: skip
"""What checks and gives nothing: the outputs are compared instead."""
_FILLED: dict[Any, Any] = {
    torch.ops.aten.empty.memory_format: torch.ops.aten.zeros.default,
    torch.ops.aten.empty_like.default: torch.ops.aten.zeros_like.default,
    torch.ops.aten.new_empty.default: torch.ops.aten.new_zeros.default,
}
"""Room that is to be filled: with what was there before, it could hold an earlier image's."""


def traced_size(multiple: int, min_size: int) -> tuple[int, int]:
    """Height and width of the example that a network is traced with."""
    about = max(min_size, _ABOUT)
    height = about + -about % multiple
    return height, height + multiple * -(-8 // multiple)


def export(
    module: nn.Module, *, multiple: int, min_size: int, device: torch.device
) -> ExportedProgram:
    """The graph for one image of any height and width that are of ``multiple``.

    Raises SubmissionError where there is none.
    """
    try:
        return _traced(module, traced_size(multiple, min_size), device)
    except SubmissionError:
        raise
    except Exception as why:  # what torch.export cannot follow has many names
        told = f"{type(why).__name__}: {' '.join(str(why).split())[:160]}"
        raise SubmissionError(f"torch.export cannot write it as a graph ({told})") from None


def _traced(module: nn.Module, size: tuple[int, int], device: torch.device) -> ExportedProgram:
    example = torch.rand(1, 3, *size, device=device)
    with warnings.catch_warnings(), Sized():
        warnings.simplefilter("ignore")
        program = torch.export.export(module, (example,), dynamic_shapes=_SIZE_FREE, strict=False)
    if not all(isinstance(side, torch.SymInt) for side in _sides(program)):
        raise SubmissionError("its graph is of one size")
    return program


def _sides(program: ExportedProgram) -> Sequence[Any]:
    """Height and width of the input, as the graph has them."""
    sides: Sequence[Any] = _input_of(program).shape[2:]
    return sides


def _input_of(program: ExportedProgram) -> Any:
    """The image that goes in, as the graph has it; raises SubmissionError where there are more."""
    named = program.graph_signature.user_inputs
    values = [
        n.meta["val"] for n in program.graph.nodes if n.op == "placeholder" and n.name in named
    ]
    if len(values) != 1:
        raise SubmissionError(f"its graph has {len(values)} inputs")
    return values[0]


def written(program: ExportedProgram) -> tuple[Document, list[Tensor]]:
    """``program`` as data, with its tensors; raises SubmissionError for what is none."""
    signature = program.graph_signature
    outputs = signature.output_specs
    if any(spec.kind is not OutputKind.USER_OUTPUT for spec in outputs) or len(outputs) != 1:
        raise SubmissionError("it changes its own tensors, or gives more than an image")
    writing = _Writing(program)
    given: list[Value] = []
    for spec in signature.input_specs:
        if spec.kind is InputKind.USER_INPUT:
            given.append({"input": 0})
        elif spec.kind is InputKind.PARAMETER:
            given.append(writing.tensor(program.state_dict[str(spec.target)], "parameter"))
        elif spec.kind is InputKind.BUFFER:
            kept = program.state_dict if spec.persistent else program.constants
            given.append(writing.tensor(kept[str(spec.target)], "buffer"))
        elif spec.kind is InputKind.CONSTANT_TENSOR:
            given.append(writing.tensor(program.constants[str(spec.target)], "constant"))
        else:
            raise SubmissionError(f"its graph holds a {spec.kind.name.lower()}")
    (output,) = writing.graph(program.graph_module, given)
    document = Document(nodes=tuple(writing.nodes), output=output, kinds=tuple(writing.kinds))
    return document, writing.tensors


class _Writing:
    """A document under way."""

    def __init__(self, program: ExportedProgram) -> None:
        self._device = _input_of(program).device.type
        self.nodes: list[Node] = []
        self.tensors: list[Tensor] = []
        self.kinds: list[Any] = []
        self._seen: dict[tuple[Any, ...], Value] = {}

    def tensor(self, value: object, kind: str) -> Value:
        """A reference to ``value``; one tensor that has two names is one."""
        if not isinstance(value, Tensor) or value.layout is not torch.strided:
            raise SubmissionError(f"its graph holds a {type(value).__name__}")
        key = (value.data_ptr(), value.shape, value.stride(), value.dtype)
        if key not in self._seen or not value.numel():
            self._seen[key] = {"tensor": len(self.tensors)}
            # A parameter's own type would have safetensors or a subclass decide what is written.
            self.tensors.append(value.detach().cpu().contiguous().clone())
            self.kinds.append(kind)
        return self._seen[key]

    def graph(self, module: fx.GraphModule, given: Sequence[Value]) -> list[Value]:
        """Write the nodes of ``module``, whose placeholders are ``given``; its outputs."""
        known: dict[fx.Node, Any] = {}
        waiting = iter(given)
        for node in module.graph.nodes:
            if node.op == "placeholder":
                known[node] = next(waiting)
            elif node.op == "get_attr":
                known[node] = self._attribute(module, str(node.target))
            elif node.op == "output":
                out = node.args[0]
                return [self._value(x, known) for x in (out if isinstance(out, tuple) else (out,))]
            else:
                known[node] = self._call(module, node, known)
        raise SubmissionError("its graph has no output")

    def _attribute(self, module: fx.GraphModule, name: str) -> Any:
        held = operator.attrgetter(name)(module)
        return held if isinstance(held, fx.GraphModule) else self.tensor(held, "constant")

    def _call(self, module: fx.GraphModule, node: fx.Node, known: dict[fx.Node, Any]) -> Any:
        name = getattr(node.target, "__name__", str(node.target))
        if name.partition(".")[0] in _SAYS_NOTHING:
            return None
        if name == "wrap_with_set_grad_enabled":  # nobody asks for gradients here
            return self._within(known, *node.args[1:])
        if name == "wrap_with_autocast":
            kind, _, enabled, _, *rest = node.args
            if enabled and kind == self._device:
                raise SubmissionError(f"it computes under autocast for {kind}")
            return self._within(known, *rest)  # of another device, or none: it changes nothing
        if node.target is operator.getitem and isinstance(known[node.args[0]], tuple):  # type: ignore[index]
            return known[node.args[0]][node.args[1]]  # type: ignore[index]
        given = [self._value(a, known) for a in node.args]
        if node.target is STANDS_IN:
            x, *sides = given
            both = self._node(
                operators.name_of(torch.ops.aten.adaptive_max_pool2d.default), x, sides
            )
            return self._node(operators.name_of(operator.getitem), both, 0)
        target: Any = _FILLED.get(node.target, node.target)
        kept = list(node.kwargs.items())
        if target is torch.ops.aten.zeros.default:
            kept = [(key, a) for key, a in kept if key != "memory_format"]  # it has none
        named = {key: self._value(a, known) for key, a in kept}
        return self._node(operators.name_of(target), *given, **named)

    def _within(self, known: dict[fx.Node, Any], inner: Any, *arguments: Any) -> tuple[Value, ...]:
        """A graph within the graph, written out where it is called."""
        return tuple(self.graph(known[inner], [self._value(a, known) for a in arguments]))

    def _node(self, op: str, /, *args: Value, **kwargs: Value) -> Value:
        """One operator more; a reference to what it gives."""
        if len(self.nodes) >= MOST_NODES:
            raise SubmissionError(f"its graph has more than {MOST_NODES} operators")
        self.nodes.append(Node(op=op, args=args, kwargs=kwargs))
        return {"node": len(self.nodes) - 1}

    def _value(self, value: Any, known: dict[fx.Node, Any]) -> Value:
        if isinstance(value, fx.Node):
            found: Value = known[value]
            return found
        if value is None or type(value) in (bool, int, str):
            return value  # type: ignore[no-any-return]
        if type(value) is float:
            return value if math.isfinite(value) else {"float": str(value)}
        if isinstance(value, (list, tuple)):
            return [self._value(one, known) for one in value]
        if isinstance(value, torch.device):
            return {"device": 0}
        for kind, names in _NAMED.items():
            for name, one in names.items():
                if value is one:
                    return {kind: name}
        raise SubmissionError(f"its graph holds a {type(value).__name__}")


_NAMED: dict[str, dict[str, Any]] = {
    "dtype": operators.DTYPES,
    "layout": operators.LAYOUTS,
    "memory_format": operators.MEMORY_FORMATS,
}


def tensors_of(kept: Sequence[Tensor]) -> Iterator[tuple[str, Tensor]]:
    """By their numbers, as they are named beside the document."""
    return ((str(number), tensor) for number, tensor in enumerate(kept))
