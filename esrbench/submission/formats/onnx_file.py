"""What an ONNX file says of itself: fields of a protobuf, read without onnx or onnxruntime."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from esrbench.errors import SubmissionError
from esrbench.submission import limits
from esrbench.submission.formats.graph_file import FACTS, parse_facts
from esrbench.submission.formats.protobuf import Field, Walk

_VERSION, _GRAPH, _METADATA = 1, 7, 14
"""Field numbers of ModelProto (onnx.proto3): ir_version, graph, metadata_props."""
_OPERATOR = 4
"""Of NodeProto: the operator's name."""
_EXTERNAL = 13
"""Of TensorProto: where its data lies when not inside the graph."""
_INSIDE: dict[str, dict[int, str]] = {
    "model": {_GRAPH: "graph", 25: "function"},
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "function": {7: "node"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"},
    "sparse": {1: "tensor", 2: "tensor"},
}
"""Kind of message -> field -> kind of the message in it, wherever a tensor can be."""
DRAWING = {"Bernoulli", "Dropout", "Multinomial", "RandomNormal", "RandomNormalLike",
           "RandomUniform", "RandomUniformLike"}  # fmt: skip
"""Operators that draw random numbers; ``Dropout`` where it is left on."""


def is_model(path: Path) -> bool:
    """Whether it is a message that opens with a version number and has a graph."""
    with path.open("rb") as file:
        numbers = [field.number for field in Walk(file).fields()]
    return numbers[:1] == [_VERSION] and _GRAPH in numbers


def metadata(path: Path) -> dict[str, Any]:
    """What `esrbench pack` wrote into ``metadata_props``."""
    with path.open("rb") as file:
        walk = Walk(file)
        for field in walk.fields():
            if field.number == _METADATA:
                key, value = walk.entry(field)
                if key == FACTS:
                    return parse_facts(value)
    return {}


def drawing_in(path: Path) -> Counter[str]:
    """Operators of the graph at ``path`` that draw, and how often each is there."""
    with path.open("rb") as file:
        walk = Walk(file)
        types = [
            walk.content(field).decode("utf-8", "replace")
            for kind, field in _everything(walk)
            if kind == "node" and field.number == _OPERATOR
        ]
    return Counter(name for name in types if name in DRAWING)


def external_files(path: Path) -> Iterator[Path]:
    """The files that hold the graph's stored tensors, where they are not inside it.

    Those of constants, of subgraphs (If, Loop) and of functions too. Raises SubmissionError for one
    that is not in the graph's folder.
    """
    with path.open("rb") as file:
        walk = Walk(file)
        for kind, field in _everything(walk):
            if kind == "tensor" and field.number == _EXTERNAL:
                key, value = walk.entry(field)
                if key == "location":
                    yield _beside(path, value.decode("utf-8", "replace"))


def _everything(walk: Walk) -> Iterator[tuple[str, Field]]:
    """Every field of the messages that ``_INSIDE`` leads to, with the kind of its message."""
    waiting = [("model", 0, walk.size)]
    while waiting:
        kind, start, end = waiting.pop()
        for field in walk.fields(start, end):
            yield kind, field
            inside = _INSIDE.get(kind, {}).get(field.number)
            if inside is not None:
                waiting.append((inside, field.start, field.end))


def _beside(path: Path, location: str) -> Path:
    file = path.parent / location
    if not location or "\0" in location or Path(location).is_absolute():
        raise SubmissionError(f"{path} keeps tensors in {location!r}; they must lie beside it.")
    limits.inside(file, path.parent)
    if not file.is_file():
        raise SubmissionError(f"{path} keeps tensors in {location!r}, which is not beside it.")
    return file
