"""The words that judge and runner exchange: one JSON object a message, its length before it.

A request is ``{"nonce", "op", ...}``; its answer repeats the nonce, so that an answer which was
written ahead, twice, or by someone who only holds the pipe is told from the one asked for.
Pixels do not travel here: they go through :class:`~esrbench.runner.shared.SharedArray`.
"""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Callable
from typing import Any

_LENGTH = struct.Struct(">I")
MAX_MESSAGE = 64 * 1024 * 1024
"""Bytes; a longer message is refused unread, so a runner cannot fill the judge's memory."""

Message = dict[str, Any]


class WireError(Exception):
    """The other side closed the pipe or wrote something that is no message."""


class WireClosed(WireError):
    """The other side closed the pipe between two messages."""


def write_message(descriptor: int, message: Message) -> None:
    """Write all of ``message``; raises WireClosed when the reader is gone."""
    body = json.dumps(message, allow_nan=True).encode()
    data = memoryview(_LENGTH.pack(len(body)) + body)
    try:
        while data:
            data = data[os.write(descriptor, data) :]
    except (BrokenPipeError, OSError):
        raise WireClosed("the reader is gone") from None


def _no_wait() -> None:
    """Read at once; the read itself blocks."""


def read_message(descriptor: int, wait: Callable[[], None] = _no_wait) -> Message:
    """The next message; blocks until it is whole.

    ``wait`` is called before each read and may raise to give up. Raises WireClosed at an end
    between messages, WireError for anything that is no message.
    """
    head = _read_exactly(descriptor, _LENGTH.size, wait, closed_ok=True)
    (length,) = _LENGTH.unpack(head)
    if length > MAX_MESSAGE:
        raise WireError(f"a message of {length} bytes")
    try:
        message = json.loads(_read_exactly(descriptor, length, wait))
    except ValueError:
        raise WireError("a message that is not JSON") from None
    if not isinstance(message, dict):
        raise WireError("a message that is not an object")
    return message


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
