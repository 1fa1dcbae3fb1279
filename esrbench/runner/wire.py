"""How judge and runner exchange words: one JSON object a message, its length before it.

What is read here is well formed and small, and nothing more is known of it: what it may say is
written in ``requests`` and ``answers`` and checked in ``envelope``. Pixels do not travel here: they
go through :class:`~esrbench.runner.shared.SharedArray`.
"""

from __future__ import annotations

import json
import math
import os
import re
import struct
from collections.abc import Callable

_LENGTH = struct.Struct(">I")
MAX_MESSAGE = 2**20
"""Bytes; a longer message is refused unread, so a runner cannot fill the judge's memory."""
MAX_DEPTH = 16
"""Arrays and objects within each other; parsers work down into them."""
MAX_INTEGER = 2**53
"""Beyond it a JSON number is not the same number to everyone."""
_DIGITS = len(str(MAX_INTEGER)) + 1
_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_BRACKET = re.compile(rb"[\[\]{}]")


class WireError(Exception):
    """The other side closed the pipe or wrote something that is no message."""


class WireClosed(WireError):
    """The other side closed the pipe between two messages."""


def write_message(descriptor: int, body: bytes, wait: Callable[[], None] | None = None) -> None:
    """Write all of ``body``; raises WireClosed when the reader is gone.

    ``wait`` is called before each write and may raise to give up; with it the descriptor may be
    non-blocking.
    """
    data = memoryview(_LENGTH.pack(len(body)) + body)
    try:
        while data:
            if wait is not None:
                wait()
            try:
                data = data[os.write(descriptor, data) :]
            except BlockingIOError:
                continue
    except OSError:
        raise WireClosed("the reader is gone") from None


def _no_wait() -> None:
    """Read at once; the read itself blocks."""


def read_message(descriptor: int, wait: Callable[[], None] = _no_wait) -> bytes:
    """The next message, a well-formed JSON object; blocks until it is whole.

    ``wait`` is called before each read and may raise to give up. Raises WireClosed at an end
    between messages, WireError for anything that is no message.
    """
    head = _read_exactly(descriptor, _LENGTH.size, wait, closed_ok=True)
    (length,) = _LENGTH.unpack(head)
    if length > MAX_MESSAGE:
        raise WireError(f"a message of {length} bytes")
    body = _read_exactly(descriptor, length, wait)
    _check(body)
    return body


def _check(body: bytes) -> None:
    """Raise WireError unless ``body`` is a JSON object of finite numbers that is not too deep."""
    if _depth(body) > MAX_DEPTH:
        raise WireError(f"a message nested deeper than {MAX_DEPTH}")
    try:
        message = json.loads(
            body, parse_int=_integer, parse_float=_number, parse_constant=_no_constant
        )
    except ValueError:  # UnicodeDecodeError is one as well
        raise WireError("a message that is not JSON") from None
    if not isinstance(message, dict):
        raise WireError("a message that is not an object")


def _depth(body: bytes) -> int:
    """The deepest nesting, counted without going down into it."""
    depth = deepest = 0
    for bracket in _BRACKET.finditer(_STRING.sub(b"", body)):
        depth += 1 if bracket.group() in b"[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _integer(digits: str) -> int:
    if len(digits) > _DIGITS or abs(value := int(digits)) > MAX_INTEGER:
        raise WireError("a message with a number beyond 2^53")
    return value


def _number(digits: str) -> float:
    if not math.isfinite(value := float(digits)):
        raise WireError("a message with a number that is not finite")
    return value


def _no_constant(name: str) -> float:
    raise WireError(f"a message with {name}")


def _read_exactly(
    descriptor: int, count: int, wait: Callable[[], None], *, closed_ok: bool = False
) -> bytes:
    parts: list[bytes] = []
    left = count
    while left:
        wait()
        part = os.read(descriptor, min(left, 1 << 20))
        if not part:
            if closed_ok and left == count:
                raise WireClosed("the writer is gone")
            raise WireError("the pipe ended within a message")
        parts.append(part)
        left -= len(part)
    return b"".join(parts)
