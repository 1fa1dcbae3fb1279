"""What comes back from a node, held to the schema before anything of it is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path, PurePosixPath

from pydantic import ValidationError

from esrbench.errors import UnavailableError
from esrbench.judge.who import Who
from esrbench.results.record import RunRecord
from esrbench.results.store import PICTURES, ResultsStore
from esrbench.whole_file import write_whole

_OF_THE_NODE = {
    "id", "created", "device", "sandbox", "harness_version", "harness_commit", "environment",
}  # fmt: skip


def read_back(told: bytes, who: Who | None) -> RunRecord:
    """The record a node sent, with what the driver knows better: whose it is and by which command.

    Raises UnavailableError where it is no record, or one of another submission.
    """
    try:
        record = RunRecord.model_validate_json(told)
    except ValidationError as why:
        first = why.errors()[0]
        raise UnavailableError(
            f"A node's answer is no record: {'.'.join(map(str, first['loc']))}: {first['msg']}."
        ) from None
    if who is None:
        return record
    if record.submission_sha256 not in (None, who.submission_sha256):
        raise UnavailableError(f"A node measured something else in the place of {who.label}.")
    known = {f.name: getattr(who, f.name) for f in fields(who) if f.name not in _OF_THE_NODE}
    return record.model_copy(update=known)


def keep(store: ResultsStore, record: RunRecord, pictures: Mapping[str, bytes]) -> Path:
    """Write the record and its pictures; returns the record's file.

    Raises UnavailableError where they cannot be written.
    """
    keep_pictures(store, record, pictures)
    return store.add(record)


def keep_pictures(store: ResultsStore, record: RunRecord, pictures: Mapping[str, bytes]) -> None:
    """Write ``pictures``, which the record has to name; raises UnavailableError."""
    named = {name for p in record.pictures for name in (p.lr, p.sr, p.hr)}
    for name, content in pictures.items():
        path = PurePosixPath(name)
        if name not in named or path.parts[:1] != (PICTURES,) or ".." in path.parts:
            raise UnavailableError(f"A node sent {name!r}, which the record does not name.")
        target = store.root / path
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            write_whole(target, content)
        except OSError as why:
            raise UnavailableError(f"{target} cannot be written: {why.strerror}.") from None
