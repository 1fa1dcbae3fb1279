"""Which records are rows: a submission is its content under a name.

Two contents of one name are two rows, told apart by a suffix; the same content twice is one, its
newest measurement. New content takes a row over only where its record says so (``--revises``), or
where both come with esrbench itself.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from esrbench.results.entry import Entry
from esrbench.results.lineage import Line, lineages
from esrbench.results.lookalike import skeleton
from esrbench.results.run_row import by_checkpoint, of_a_run, worth_in_run
from esrbench.results.suffix import suffixes, what_it_is

CLOCKS_APART = timedelta(hours=1)
"""A record dated later than this from now was not measured then."""


@dataclass(frozen=True)
class Shown:
    """One row: its record, and how its name is told from the others'."""

    entry: Entry
    suffix: str | None = None
    told: tuple[str, ...] = ()


def shown(entries: Iterable[Entry], now: datetime | None = None) -> list[Shown]:
    """The rows that ``entries`` make, oldest first.

    One for each submission (a content under a name, with its revisions), scale, protocol, device
    and precision. A record dated in the future counts as older than any other.
    """
    ordered = in_time(entries, now)
    lines = lineages(ordered)
    winners = {}
    for cell in _cells(ordered, lines):
        best = max(
            enumerate(cell),
            key=lambda pair: (
                _worth(pair[1]),
                worth_in_run(pair[1], cell),
                lines[pair[1].id].revision,
                pair[0],
            ),
        )[1]
        winners[best.id] = [entry for entry in cell if entry is not best]
    rows = [entry for entry in ordered if entry.id in winners]
    apart = suffixes(rows, lines, groups=_alike(rows))
    return [
        Shown(
            entry,
            apart[entry.id].suffix if entry.id in apart else None,
            (
                *(apart[entry.id].sentences if entry.id in apart else ()),
                *_history(entry, winners[entry.id]),
            ),
        )
        for entry in rows
    ]


def lives(entries: Iterable[Entry], now: datetime | None = None) -> list[list[Entry]]:
    """The records of each row that has several, oldest first: what :func:`shown` takes one of; of
    a training run those of each checkpoint, which follows no other's."""
    ordered = in_time(entries, now)
    cells = _cells(ordered, lineages(ordered))
    return [life for cell in cells for life in by_checkpoint(cell) if len(life) > 1]


def _cells(ordered: Sequence[Entry], lines: Mapping[str, Line]) -> list[list[Entry]]:
    """``ordered``, oldest first, in rows."""
    cells: dict[tuple[object, ...], list[Entry]] = defaultdict(list)
    for entry in ordered:
        cells[name_of(entry), lines[entry.id].root, entry.scale, entry.protocol, entry.device,
              entry.precision].append(entry)  # fmt: skip
    return list(cells.values())


def in_time(entries: Iterable[Entry], now: datetime | None = None) -> list[Entry]:
    """Oldest first; those dated in the future before all others."""
    latest = (now or datetime.now(timezone.utc)) + CLOCKS_APART
    return sorted(entries, key=lambda e: (not dated_later(e.created, latest), e.created, e.id))


def dated_later(created: str, latest: datetime) -> bool:
    """Whether ``created`` is after ``latest``; what is no date is not."""
    try:
        moment = datetime.fromisoformat(created)
    except ValueError:
        return False
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    return moment > latest


def name_of(entry: Entry) -> str:
    """The name with its variant; written one way where Unicode has several."""
    return unicodedata.normalize("NFC", entry.label)


def _worth(entry: Entry) -> int:
    """A failure gives way to a measurement, one without weights to one with."""
    return 0 if not entry.measured else 1 if entry.no_weights else 2


def _alike(rows: Sequence[Entry]) -> list[list[Entry]]:
    """Rows in groups whose names look alike."""
    groups: dict[str, list[Entry]] = defaultdict(list)
    for entry in rows:
        groups[skeleton(entry.label)].append(entry)
    return list(groups.values())


def _history(entry: Entry, earlier: Sequence[Entry]) -> list[str]:
    """What this row replaced: other contents, and tries that failed; of a run, of how many
    checkpoints it is the one."""
    if entry.swept is not None:
        return [of_a_run(entry, earlier)]
    told = []
    for old in reversed(earlier):
        if old.measured and old.submission_sha256 not in (None, entry.submission_sha256):
            told.append(f"Revision: before it stood {what_it_is(old)}, record {old.id}.")
        elif not old.measured and old.created > entry.created:
            told.append(f"A later try, record {old.id}, {old.status}: {old.reason}")
    return told
