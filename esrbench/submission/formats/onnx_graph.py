"""ONNX: a protobuf, of which the judge reads the outermost fields; onnxruntime runs it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from esrbench.submission.formats.graph_file import FACTS, graph_submission, parse_facts
from esrbench.submission.submission import Submission

if TYPE_CHECKING:
    from torch import nn

    from esrbench.submission.formats.load_request import LoadRequest

_GRAPH, _METADATA = 7, 14
"""Field numbers of ModelProto (onnx.proto3)."""
_LARGEST = 100_000


def detect(path: Path) -> bool:
    """Named ``.onnx``, and a message that opens with a version number and has a graph."""
    if path.suffix.lower() != ".onnx":
        return False
    with path.open("rb") as file:
        return file.read(1) == b"\x08" and any(n == _GRAPH for n, _ in _fields(file))


def submission(path: Path, variant: str | None, scale: int | None) -> Submission:
    """The graph as a submission; raises UsageError when nothing says its scale."""
    del variant  # a graph has none
    outside = path.with_name(f"{path.name}.data")
    more = (outside,) if outside.is_file() else ()
    return graph_submission(path, "onnx", "an ONNX graph", _metadata(path), scale, more)


def load(request: LoadRequest) -> nn.Module:
    """The graph as a module; raises SubmissionError when onnxruntime cannot take it.

    Also when it takes float16 and its manifest does not say so.
    """
    from esrbench.submission.formats.onnx_session import OnnxModule

    return OnnxModule(request.path, request.scale, request.device, request.track)


def _metadata(path: Path) -> dict[str, Any]:
    """What `esrbench pack` wrote into ``metadata_props``."""
    with path.open("rb") as file:
        file.read(1)
        for number, entry in _fields(file):
            # A StringStringEntryProto: key (field 1) and value (field 2), each with its length.
            key, _, value = entry.partition(b"\x12")
            if number == _METADATA and key[2:] == FACTS.encode():
                return parse_facts(value[value.find(b"{") :])
    return {}


def _fields(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Number and content of each field of the message; that of a long one is skipped, empty."""
    file.seek(0)
    while (tag := _varint(file)) is not None:
        number, kind = tag >> 3, tag & 7
        content = b""
        if kind == 0:
            _varint(file)
        elif kind == 2:
            length = _varint(file) or 0
            if length <= _LARGEST:
                content = file.read(length)
            else:
                file.seek(length, 1)
        else:
            file.seek({1: 8, 5: 4}.get(kind, 1 << 62), 1)  # an unknown kind ends it
        yield number, content


def _varint(file: BinaryIO) -> int | None:
    value = 0
    for place in range(10):
        byte = file.read(1)
        if not byte:
            return None
        value |= (byte[0] & 127) << (7 * place)
        if byte[0] < 128:
            return value
    return None
