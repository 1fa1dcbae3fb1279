"""Which records may share a ranking: those whose figures came about in the same way."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass

from esrbench.results.record import ON, RunRecord

_RECIPE = ("rank_by", "score", "thresholds", "cost_limits", "crop_border", "reference_input",
           "reference_output")  # fmt: skip
"""The parts of a protocol that change what a figure or a rank means; the others say how much was
measured (more datasets, longer timing), which leaves cells empty but keeps rows comparable."""
_TIMING = ("policy", "baseline")


@dataclass(frozen=True)
class Heading:
    """What a table's rows have in common."""

    protocol: str
    scale: int
    device: str
    precision: str


@dataclass(frozen=True)
class Comparable:
    """Records that may share a ranking."""

    heading: Heading
    records: tuple[RunRecord, ...]
    marks: dict[str, str]
    """How each figure of theirs came about: signatures, dataset hashes, the recipe."""
    differs: tuple[str, ...] = ()
    """Why these stand apart from the first table of the same heading, a sentence each."""


def comparable_groups(records: Iterable[RunRecord]) -> list[Comparable]:
    """``records`` in groups of which each may be one table: the fullest heading first.

    Records of one heading (protocol, scale, device, precision) are together unless a signature,
    a dataset's hash or the recipe differs; then the larger part comes first.
    """
    by_heading: dict[Heading, list[RunRecord]] = {}
    for r in records:
        by_heading.setdefault(Heading(r.protocol, r.scale, r.device, r.precision), []).append(r)
    groups: list[Comparable] = []
    for heading in sorted(by_heading, key=lambda h: (-len(by_heading[h]), *astuple(h))):
        parts = _split(by_heading[heading])
        first = parts[0][1]
        groups += [
            Comparable(heading, tuple(rows), marks, _differences(first, marks) if i else ())
            for i, (rows, marks) in enumerate(parts)
        ]
    return groups


def marks_of(record: RunRecord) -> dict[str, str]:
    """Everything that must agree between two rows of one ranking, where both have it."""
    # What was measured on, where the image or chance decides, is told and parts no rows.
    marks = {key: how.partition(ON)[0] for key, how in record.signatures.items()}
    marks |= {f"images of {name}": facts.sha256 for name, facts in record.datasets.items()}
    spec = record.protocol_spec
    marks |= {f"protocol.{k}": json.dumps(spec[k], sort_keys=True) for k in _RECIPE if k in spec}
    timing = spec.get("timing")
    if isinstance(timing, dict):
        marks |= {f"protocol.timing.{k}": json.dumps(timing[k]) for k in _TIMING if k in timing}
        shapes = timing.get("shapes")
        if isinstance(shapes, list | tuple) and shapes:
            marks["protocol.timing.shapes"] = json.dumps(shapes[0])
    return marks


def _split(records: Sequence[RunRecord]) -> list[tuple[list[RunRecord], dict[str, str]]]:
    """``records`` in parts whose marks agree, the largest first.

    A record that lacks a mark agrees with any, so those with most marks are placed first.
    """
    parts: list[tuple[list[RunRecord], dict[str, str]]] = []
    marked = [(r, marks_of(r)) for r in records]
    marked.sort(key=lambda pair: (-len(pair[1]), pair[0].label, pair[0].created, pair[0].id))
    for record, marks in marked:
        for rows, common in parts:
            if all(common.get(key, mark) == mark for key, mark in marks.items()):
                rows.append(record)
                common |= marks
                break
        else:
            parts.append(([record], dict(marks)))
        parts.sort(key=lambda part: -len(part[0]))
    return parts


def _differences(first: dict[str, str], marks: dict[str, str]) -> tuple[str, ...]:
    return tuple(
        f"{key}: {marks[key]} here, {first[key]} there"
        for key in sorted(set(first) & set(marks))
        if first[key] != marks[key]
    )
