"""The fields of a protobuf message in a file, without a schema and without loading it.

The judge wants a few small fields of an ONNX file whose tensors may be large: fields are walked
over by their lengths, as many of them as any graph has.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from esrbench.submission import limits

_FIXED = {1: 8, 5: 4}
"""Bytes of the kinds that have a fixed width."""


@dataclass(frozen=True)
class Field:
    """One field: its number, and where its content is."""

    number: int
    start: int
    end: int
    value: int = 0
    """Of a number; 0 for what has a length."""


class Walk:
    """Walks over the messages of one file, for a bounded number of fields in all."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._left = limits.MESSAGE_FIELDS
        self.size = file.seek(0, 2)

    def fields(self, start: int = 0, end: int | None = None) -> Iterator[Field]:
        """The fields between two places; a message that is none ends early."""
        place, end = start, self.size if end is None else end
        while place < end and self._left > 0:
            self._left -= 1
            self._file.seek(place)
            tag, kind = divmod(self._varint() or 0, 8)
            value, begin = 0, self._file.tell()
            if kind == 0:
                value = self._varint() or 0
                place = self._file.tell()
            elif kind == 2:
                length = self._varint() or 0
                begin = self._file.tell()
                place = begin + length
            elif kind in _FIXED:
                place = begin + _FIXED[kind]
            else:
                return
            if tag == 0 or place > end:
                return
            yield Field(tag, begin, place, value)

    def content(self, field: Field, largest: int = limits.FACTS_BYTES) -> bytes:
        """The bytes of ``field``; none of one that is longer than ``largest``."""
        if field.end - field.start > largest:
            return b""
        self._file.seek(field.start)
        return self._file.read(field.end - field.start)

    def entry(self, field: Field) -> tuple[str, bytes]:
        """``field`` as a StringStringEntryProto: key (field 1) and value (field 2)."""
        parts = {part.number: self.content(part) for part in self.fields(field.start, field.end)}
        return parts.get(1, b"").decode("utf-8", "replace"), parts.get(2, b"")

    def _varint(self) -> int | None:
        value = 0
        for place in range(10):
            byte = self._file.read(1)
            if not byte:
                return None
            value |= (byte[0] & 127) << (7 * place)
            if byte[0] < 128:
                return value
        return None
