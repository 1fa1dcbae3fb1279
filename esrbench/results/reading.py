"""Read one file of a results folder: a record, a foreign file, or a damaged record."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

from esrbench.errors import UsageError
from esrbench.results.lookalike import plain
from esrbench.results.record import SCHEMA_VERSION, RunRecord

LARGEST = 2**30
"""Bytes of a file that is still read: a thousand times a record of 400 images."""
_OURS = re.compile(r"_\d{8}t\d{6}z-[0-9a-f]{6}\.json$")
"""How the store names a record's file."""
_LONGEST = 200


class NotARecord(UsageError):
    """The file is no record of this schema version; the text says why."""

    def __init__(self, text: str, kind: Literal["foreign", "damaged"]) -> None:
        super().__init__(text)
        self.kind: Literal["foreign", "damaged"] = kind
        """``foreign``: it never was one; ``damaged``: it was, or is one of another version."""


@dataclass(frozen=True)
class Read:
    """A record, and its JSON as it stands in the file."""

    record: RunRecord
    data: dict[str, Any]


def read_record(path: Path) -> RunRecord:
    """The record in ``path``; raises NotARecord (a UsageError) for anything else."""
    return read_with_data(path).record


def read_with_data(path: Path) -> Read:
    """As :func:`read_record`, with the file's own JSON."""
    content = _content(path)
    data = _parsed(path, content)
    if not isinstance(data, dict) or "schema_version" not in data:
        kind: Literal["foreign", "damaged"] = "damaged" if _OURS.search(path.name) else "foreign"
        raise NotARecord(f"{path} is no record (it names no schema version).", kind)
    version = data["schema_version"]
    if version != SCHEMA_VERSION:
        raise NotARecord(
            f"{path} is a record of schema version {plain(repr(version))[:20]}, this esrbench "
            f"reads {SCHEMA_VERSION}; score the submission again or use the esrbench that wrote "
            "it.",
            "damaged",
        )
    try:
        return Read(RunRecord.model_validate_json(content), data)
    except ValidationError as failure:
        first = failure.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise NotARecord(
            f"{path} is not a valid record: {plain(where)[:_LONGEST]}: "
            f"{plain(first['msg'])[:_LONGEST]}.",
            "damaged",
        ) from None


def _content(path: Path) -> bytes:
    try:
        if path.stat().st_size > LARGEST:
            raise NotARecord(f"{path} is larger than any record; it is not read.", "foreign")
        return path.read_bytes()
    except OSError as why:
        raise NotARecord(f"{path} cannot be read: {why.strerror}.", "damaged") from None


def _parsed(path: Path, content: bytes) -> object:
    ours = _OURS.search(path.name) or b'"schema_version"' in content[:4096]
    kind: Literal["foreign", "damaged"] = "damaged" if ours else "foreign"
    try:
        return json.loads(content)
    except RecursionError:
        why = "it is nested too deep"
    except ValueError as fault:
        why = plain(str(fault))[:_LONGEST]
    raise NotARecord(f"{path} is not a readable record ({why}); move it away.", kind)
