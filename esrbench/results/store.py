"""The results folder: one JSON file a record, only ever added.

A record is written beside its final name and renamed into place, so a kill at any instant leaves
either the whole record or none of it.
"""

from __future__ import annotations

import gc
import json
import os
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from esrbench.errors import UnavailableError, UsageError
from esrbench.results.record import SCHEMA_VERSION, RunRecord

PICTURES = "pictures"
_NAME = 60
"""Letters of each part of a file name: three of them and the id stay far below 255 bytes."""


def slug(text: str) -> str:
    """``text`` as a file name part: letters, digits, dot, dash."""
    return re.sub(r"[^A-Za-z0-9.]+", "-", text).strip("-").lower() or "x"


@dataclass(frozen=True)
class ResultsStore:
    """Records under ``root``; pictures under ``root/pictures``."""

    root: Path

    def ensure_writable(self) -> None:
        """Create the folder; raises UnavailableError when records cannot be written to it."""
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self.root, prefix=".probe-"):
                pass
        except OSError as why:
            raise UnavailableError(
                f"The results folder {self.root} cannot be written ({why.strerror}); "
                "choose another with --results."
            ) from None

    def path_of(self, record: RunRecord) -> Path:
        """Where ``record`` is kept: readable, and unique by the record's id."""
        name = "-".join(slug(part) for part in (record.submission, record.variant or "") if part)
        about = [name[:_NAME], slug(record.protocol)[:_NAME], slug(record.device)[:_NAME]]
        parts = [about[0], f"x{record.scale}", *about[1:], record.id]
        return self.root / ("_".join(parts) + ".json")

    def add(self, record: RunRecord) -> Path:
        """Write ``record`` atomically; raises UnavailableError where that is not possible."""
        self.ensure_writable()
        target = self.path_of(record)
        text = record.model_dump_json(indent=1) + "\n"
        handle, temporary = tempfile.mkstemp(dir=self.root, prefix=".record-")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).chmod(0o644)
            Path(temporary).replace(target)
        except OSError as why:
            Path(temporary).unlink(missing_ok=True)
            raise UnavailableError(f"{target} cannot be written: {why.strerror}.") from None
        return target

    def records(self) -> list[RunRecord]:
        """Every record, oldest first; raises UsageError that names a file that is not one."""
        collecting = gc.isenabled()
        gc.disable()  # a thousand records are millions of small objects, none of them garbage
        try:
            found = [read_record(path) for path in self._files()]
        finally:
            if collecting:
                gc.enable()
        return sorted(found, key=lambda record: (record.created, record.id))

    def latest(self) -> list[RunRecord]:
        """The newest record of each submission, variant, scale, protocol, device and precision."""
        newest: dict[tuple[object, ...], RunRecord] = {}
        for record in self.records():
            key = (
                record.submission,
                record.variant,
                record.scale,
                record.protocol,
                record.device,
                record.precision,
            )
            newest.pop(key, None)
            newest[key] = record
        return list(newest.values())

    def _files(self) -> Iterator[Path]:
        return iter(sorted(self.root.glob("[!.]*.json")))


def read_record(path: Path) -> RunRecord:
    """The record in ``path``; raises UsageError when it is no record of this schema version."""
    try:
        content = path.read_bytes()
        return RunRecord.model_validate_json(content)
    except OSError as why:
        raise UsageError(f"{path} cannot be read: {why.strerror}.") from None
    except ValidationError as failure:
        raise UsageError(_what_is_wrong(path, content, failure)) from None


def _what_is_wrong(path: Path, content: bytes, failure: ValidationError) -> str:
    """Why ``content`` is no record: no JSON, another version, or a key."""
    try:
        data = json.loads(content)
    except ValueError as why:
        return f"{path} is not a readable record ({why}); move it away."
    version = data.get("schema_version") if isinstance(data, dict) else None
    if version != SCHEMA_VERSION:
        return (
            f"{path} is a record of schema version {version}, this esrbench reads "
            f"{SCHEMA_VERSION}; score the submission again or use the esrbench that wrote it."
        )
    first = failure.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    return f"{path} is not a valid record: {where}: {first['msg']}."
