"""The program as JSON: operators in order, what each is given, and which value comes out.

Beside it travel the tensors, as safetensors. Nothing in either is code: operators are names, looked
up in a list of those that are allowed (``operators.py``), and values are of the kinds below.

========================  ====================================================================
``null, true, 1, 0.5``    themselves
``"floor"``               a word that an operator takes
``[...]``                 several of these
``{"node": 3}``           what the fourth node gave
``{"tensor": 2}``         the third of the tensors that travel beside
``{"input": 0}``          the LR
``{"dtype": "float32"}``  and ``layout``, ``memory_format``: one of torch's, by its name
``{"device": 0}``         the device in use
``{"float": "inf"}``      what JSON has no number for
========================  ====================================================================
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field, JsonValue, ValidationError

from esrbench.errors import SubmissionError
from esrbench.runner.bounded import Name, Part

MOST_NODES = 50_000
MOST_TENSORS = 20_000
MOST_BYTES = 32 * 2**20
"""Of the document; the tensors beside it are bounded by the memory they travel in."""

Value: TypeAlias = JsonValue


class Node(Part):
    """One operator."""

    op: Annotated[str, Field(pattern=r"^[a-z_]+(\.[A-Za-z0-9_]+){1,2}$", max_length=100)]
    """``aten.conv2d.default``, ``operator.mul``, ``math.ceil``, ``torch.sym_max``."""
    args: Annotated[tuple[Value, ...], Field(max_length=64)]
    kwargs: Annotated[dict[Name, Value], Field(max_length=32)] = Field(default_factory=dict)


class Document(Part):
    """A whole program."""

    version: Literal[1] = 1
    nodes: Annotated[tuple[Node, ...], Field(max_length=MOST_NODES)]
    output: Value
    kinds: Annotated[
        tuple[Literal["parameter", "buffer", "constant"], ...], Field(max_length=MOST_TENSORS)
    ]
    """Of the tensors beside it, which are named by their numbers."""


def parse(body: bytes) -> Document:
    """The document in ``body``; raises SubmissionError where it is none."""
    if len(body) > MOST_BYTES:
        raise SubmissionError(f"a program of {len(body)} bytes")
    try:
        return Document.model_validate_json(body)
    except ValidationError as why:
        first = why.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise SubmissionError(f"no program ({place}: {first['msg']})") from None


def kind_of(value: Any) -> tuple[str, Any]:
    """``("node", 3)`` of a reference; raises SubmissionError for what is none."""
    if isinstance(value, dict) and len(value) == 1:
        ((kind, what),) = value.items()
        return kind, what
    raise SubmissionError("a value of no known kind")
