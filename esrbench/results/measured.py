"""Whether a run was made already, and what is said of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path

from esrbench.results.entry import Entry
from esrbench.results.identity import CLOCKS_APART, dated_later
from esrbench.results.reading import NotARecord, read_with_data
from esrbench.results.record import RunRecord
from esrbench.results.seal import seal_state
from esrbench.results.store import ResultsStore


@dataclass(frozen=True)
class Wanted:
    """A run that is about to be made."""

    label: str
    submission_sha256: str | None
    spec_sha256: str
    device: str
    precision: str
    harness_version: str
    harness_commit: str | None
    timing: bool
    sandbox: str = "process"
    """The tier it would be confined by."""
    verify: bool = False
    """Whether it is to say whose word its figures are."""
    datasets: Mapping[str, str] = field(default_factory=dict)
    """Hashes of those that are at hand now."""
    again_failed: bool = False
    """Measure anew what failed or was rejected."""


@dataclass(frozen=True)
class Measured:
    """The earlier record of the very same run."""

    record: RunRecord
    path: Path

    @property
    def sentence(self) -> str:
        """That it is not measured again, why, and how it would be."""
        record = self.record
        if record.status != "ok":
            return (
                f"{record.own_label}: {record.status} already ({record.id}): {record.reason} "
                "--again failed tries what failed once more."
            )
        if record.weights_status == "missing":
            return (
                f"{record.own_label}: measured already, without weights ({record.id}); --again "
                "measures anew."
            )
        return f"{record.own_label}: measured already ({record.id}); --again measures anew."


@dataclass(frozen=True)
class Answer:
    """An earlier record, or why one that is nearly it is none."""

    measured: Measured | None = None
    why_not: str | None = None


def measured_already(store: ResultsStore, wanted: Wanted) -> Answer:
    """The newest record of the very same run: content, protocol, device, images, esrbench.

    The index finds it, and the record itself is read. One that was edited after it was measured,
    or has no seal, or is dated in the future, is no measurement.
    """
    why_not = None
    latest = datetime.now(timezone.utc) + CLOCKS_APART
    for path, entry in store.newest_first():
        if not _same(entry, wanted) or (entry.timed < wanted.timing and entry.measured):
            continue
        if entry.measured and entry.verification < wanted.verify:
            continue
        if not entry.measured and wanted.again_failed:
            continue
        why_not = why_not or _doubt(entry, wanted, dated_later(entry.created, latest))
        if why_not is None:
            record = _read_whole(path)
            if record is not None:
                return Answer(Measured(record, path))
    return Answer(why_not=why_not)


def _same(entry: Entry, wanted: Wanted) -> bool:
    return (
        entry.submission_sha256 is not None
        and entry.submission_sha256 == wanted.submission_sha256
        and entry.label == wanted.label
        and entry.spec_sha256 == wanted.spec_sha256
        and (entry.device, entry.precision) == (wanted.device, wanted.precision)
        and entry.sandbox == wanted.sandbox
        and entry.harness_version == wanted.harness_version
        and entry.harness_commit == wanted.harness_commit
    )


def _doubt(entry: Entry, wanted: Wanted, in_future: bool) -> str | None:
    """Why ``entry`` is not taken for a measurement of what is wanted; None when it is."""
    if entry.seal != "whole":
        return f"record {entry.id} was edited after it was measured"
    if in_future:
        return f"record {entry.id} is dated in the future ({entry.created})"
    if entry.measured and not entry.no_weights:
        for name, sha256 in wanted.datasets.items():
            was = entry.datasets.get(name)
            if was != sha256:
                what = "was not at hand" if was is None else "had other images"
                return f"{name} {what} when record {entry.id} was made"
    return None


def _read_whole(path: Path) -> RunRecord | None:
    """The record, if it still is what the index said."""
    try:
        read = read_with_data(path)
    except NotARecord:
        return None
    return read.record if seal_state(read.data) == "whole" else None
