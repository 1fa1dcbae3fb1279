"""Rows of the bundled systems beside a person's own, so that no table is of one row.

Their quality and counts come with esrbench (``results/references.py``) and do not depend on the
device; a runtime does, so they have none, except the baseline, which was timed beside each row. A
figure is laid into a table only where it came about as the table's own: the same signature and,
for quality, the same images.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from esrbench.leaderboard.comparable import Comparable, Heading, comparable_groups
from esrbench.results.lineage import BUNDLED
from esrbench.results.record import ON, RunRecord, Runtime
from esrbench.results.references import load_references
from esrbench.results.scored import ImageScore
from esrbench.timing.statistics import summarise

COUNTS = ("params", "macs", "activations", "convs")
NOT_TIMED = (
    "This system's quality and counts come with esrbench; its runtime was not measured on this "
    "device (esrbench score --with-references does)."
)
_OF_THE_DEVICE = ("runtime_ms", "peak_memory_bytes")


def with_references(
    records: Sequence[RunRecord], known: Sequence[RunRecord] | None = None
) -> list[RunRecord]:
    """``records`` and, for each table of them, the rows of ``known`` that can stand in it.

    ``known`` are what comes with esrbench. A system that has a row of its own, with quality, is
    not shown twice. Of several tables under one heading the largest gets them. None are added to
    imported rows, nor to those of a challenge.
    """
    known = load_references() if known is None else known
    systems: dict[tuple[str, int, str], list[RunRecord]] = {}
    for record in known:
        key = (record.own_label, record.scale, record.precision)
        systems.setdefault(key, []).append(record)
    rows = list(records)
    for group in _first_of_each_heading(comparable_groups(records)):
        if any(record.challenge is not None for record in group.records):
            continue
        for (label, scale, precision), measured in systems.items():
            wanted = (scale, precision) == (group.heading.scale, group.heading.precision)
            if wanted and not _has(group.records, label, measured):
                row = _laid(label, measured, group)
                rows += [row] if row else []
    return rows


def _first_of_each_heading(groups: Iterable[Comparable]) -> Iterable[Comparable]:
    first: dict[Heading, Comparable] = {}
    for group in groups:
        first.setdefault(group.heading, group)
    return first.values()


def _has(rows: Sequence[RunRecord], label: str, measured: Sequence[RunRecord]) -> bool:
    """Whether one of ``rows`` is the same system, with quality."""
    contents = {record.submission_sha256 for record in measured}
    return any(
        any(row.quality.values())
        and (
            (row.own_label == label and row.source in (BUNDLED, None))  # None: an older record
            or (row.submission_sha256 is not None and row.submission_sha256 in contents)
        )
        for row in rows
    )


def _laid(label: str, measured: Sequence[RunRecord], group: Comparable) -> RunRecord | None:
    """The system as a row of ``group``; None where it shares no figure of quality with it."""
    quality, whence = _quality(measured, group.marks)
    if whence is None:
        return None
    counted = {key: _counted(key, measured, group) for key in COUNTS}
    by = counted["macs"]
    timed = _baseline(label, group.records)
    h = group.heading
    keys = {m for means in quality.values() for m in means}
    signatures = {key: whence.signatures[key] for key in keys if key in whence.signatures}
    signatures |= {
        key: r.signatures[key] for key, r in counted.items() if r and key in r.signatures
    }
    absent = dict.fromkeys(_OF_THE_DEVICE, NOT_TIMED)
    if timed is not None:
        signatures["runtime_ms"] = group.marks["runtime_ms"]
        del absent["runtime_ms"]
    absent |= {key: _otherwise_counted(group) for key, r in counted.items() if r is None}
    row = whence.model_copy(
        update={
            "id": f"reference-{whence.id}-{h.protocol}",
            "protocol": h.protocol,
            "protocol_spec": group.records[0].protocol_spec,
            "device": h.device,
            "quality": quality,
            "datasets": {name: whence.datasets[name] for name in quality},
            "images": {name: _images(whence, name, means) for name, means in quality.items()},
            **{key: getattr(r, key) if r else None for key, r in counted.items()},
            "complexity": by.complexity if by else None,
            "count_spread": by.count_spread if by else None,
            "runtime_ms": timed,
            "runtime_by_shape": [timed] if timed else [],
            "signatures": signatures,
            "missing": absent,
        }
    )
    same_name = any(record.own_label == label for record in group.records)
    told = (f"Measured with esrbench {whence.harness_version}, on {whence.created[:10]}.",)
    return row.shown_as("reference" if same_name else None, told).as_shipped()


def _quality(
    measured: Sequence[RunRecord], marks: dict[str, str]
) -> tuple[dict[str, dict[str, float | None]], RunRecord | None]:
    """The means that are comparable with the table's, and the record that has most of them."""
    most: dict[str, dict[str, float | None]] = {}
    whence: RunRecord | None = None
    for record in measured:
        found = {}
        for name, facts in record.datasets.items():
            if marks.get(f"images of {name}") != facts.sha256:
                continue
            means = {
                key: value
                for key, value in record.quality.get(name, {}).items()
                if _agree(record.signatures.get(key), marks.get(key))
            }
            if means:
                found[name] = means
        if len(found) > len(most):
            most, whence = found, record
    return most, whence


def _images(whence: RunRecord, dataset: str, comparable: Collection[str]) -> list[ImageScore]:
    """The single images' figures, of the metrics that the table's own can be held against."""
    return [
        score.model_copy(update={"values": {m: score.values.get(m) for m in comparable}})
        for score in whence.images.get(dataset, ())
    ]


def _counted(key: str, measured: Sequence[RunRecord], group: Comparable) -> RunRecord | None:
    """The record whose count of ``key`` came about as the table's."""
    mark = group.marks.get(key)
    for record in measured:
        same = _agree(record.signatures.get(key), mark) if mark else _same_input(record, group)
        if getattr(record, key) is not None and same:
            return record
    return None


def _same_input(record: RunRecord, group: Comparable) -> bool:
    keys = ("reference_input", "reference_output")
    spec = group.records[0].protocol_spec
    return all(record.protocol_spec.get(key) == spec.get(key) for key in keys)


def _agree(signature: str | None, mark: str | None) -> bool:
    return signature is not None and signature.partition(ON)[0] == mark


def _otherwise_counted(group: Comparable) -> str:
    spec = group.records[0].protocol_spec
    at = spec.get("reference_input") or spec.get("reference_output")
    return f"No count of this system at {at} comes with esrbench."


def _baseline(label: str, rows: Sequence[RunRecord]) -> Runtime | None:
    """The runtime of ``label`` where it was the baseline of one of ``rows``: the newest, at the
    size that is ranked."""
    for record in sorted(rows, key=lambda r: r.created, reverse=True):
        timed = record.runtime_ms
        if timed is None or timed.baseline != label:
            continue
        blocks = [
            b
            for b in record.timing_blocks
            if b.lane == "baseline" and b.counted and b.shape == timed.shape
        ]
        calls = [ms for block in blocks for ms in block.call_ms]
        if calls:
            own = vars(summarise(calls))
            return Runtime(
                shape=timed.shape, blocks=len(blocks), policy=timed.policy, clock=timed.clock,
                ratio=1.0, ratio_low=1.0, ratio_high=1.0, baseline=label, **own,
            )  # fmt: skip
    return None
