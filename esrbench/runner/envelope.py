"""A message as both sides read it: checked here, once, before anything in it is used.

Each request carries a nonce and its answer repeats it, so that an answer which was written ahead,
twice, or by someone who only holds the pipe is told from the one asked for.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import Field, TypeAdapter, ValidationError

from esrbench.plain_text import plain
from esrbench.runner.answers import Answer
from esrbench.runner.bounded import MAX_SENTENCE, Name, Part, Sentence
from esrbench.runner.requests import Request
from esrbench.runner.wire import WireError

A = TypeVar("A", bound=Answer)
Kind = Literal["interface", "memory", "raised", "nonsense"]
"""It breaks the interface, ran out of memory, raised, or said what no network can say."""


class Answered(Part, Generic[A]):
    """What was asked for."""

    nonce: Name
    kind: Literal["answer"] = "answer"
    answer: A


class Failed(Part):
    """Why it is not there."""

    nonce: Name
    kind: Kind
    text: Sentence


def seal_request(nonce: str, request: Request[Any]) -> bytes:
    """The bytes of a question."""
    asked = {"nonce": nonce, "op": request.op, "request": request.model_dump(mode="json")}
    return json.dumps(asked, allow_nan=False).encode()


def open_request(body: bytes, known: Mapping[str, type[Request[Any]]]) -> tuple[str, Request[Any]]:
    """The nonce and the question; the judge is believed, so what it wrote is only read."""
    asked = json.loads(body)
    request = known[asked["op"]].model_validate_json(json.dumps(asked["request"]))
    return asked["nonce"], request


def seal_answer(nonce: str, answer: Answer) -> bytes:
    """The bytes of an answer."""
    told = {"nonce": nonce, "kind": "answer", "answer": answer.model_dump(mode="json")}
    return json.dumps(told, allow_nan=False).encode()


def seal_failure(nonce: str, kind: Kind, text: str) -> bytes:
    """The bytes of a reason."""
    return Failed(nonce=nonce, kind=kind, text=plain(text, MAX_SENTENCE)).model_dump_json().encode()


def open_reply(body: bytes, answer: type[A]) -> Answered[A] | Failed:
    """What ``body`` says, of the right types, keys and bounds; raises WireError with the field."""
    try:
        reply: Answered[A] | Failed = _replies(answer).validate_json(body)
    except ValidationError as why:
        raise WireError(first_fault(why)) from None
    return reply


@lru_cache(maxsize=64)
def _replies(answer: type[Answer]) -> TypeAdapter[Any]:
    of_answer: Any = Answered[answer]  # type: ignore[valid-type]
    return TypeAdapter(Annotated[of_answer | Failed, Field(discriminator="kind")])


def first_fault(why: ValidationError) -> str:
    """``facts.depth: Input should be a valid integer``: the first thing that is wrong."""
    error = why.errors(include_url=False, include_context=False, include_input=False)[0]
    field = ".".join(str(part) for part in error["loc"][1:]) or "message"
    return plain(f"{field}: {error['msg']}", 200)
