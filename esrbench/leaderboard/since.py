"""What changed between two states of a leaderboard: new rows, moved ranks, rows that are gone."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from esrbench.leaderboard.comparable import Heading
from esrbench.leaderboard.ranking import Row
from esrbench.leaderboard.table import Table, build_tables
from esrbench.results.record import RunRecord


@dataclass(frozen=True)
class Moved:
    """A row that was there and is, at another rank or with other figures."""

    row: Row
    before: int | None
    """Its rank then; None where it was not ranked."""
    measured_again: bool
    """Its figures are of another record than then."""

    @property
    def by(self) -> int:
        """Places won; below 0 for lost ones, and 0 where it was or is not ranked."""
        return (
            0 if None in (self.before, self.row.rank) else (self.before or 0) - (self.row.rank or 0)
        )


@dataclass(frozen=True)
class Changes:
    """What changed in the rows under one heading."""

    table: Table
    new: tuple[Row, ...]
    moved: tuple[Moved, ...]
    gone: tuple[str, ...]
    """The labels of rows that are there no more."""


def changes(
    before: Sequence[RunRecord], now: Sequence[RunRecord], allowed: Collection[str] = ()
) -> list[Changes]:
    """What differs, a table each; tables in which nothing changed are left out.

    A row is known again by its heading (protocol, scale, device, precision) and its label. Rows
    that come with esrbench are nobody's news, but ranks move because of them all the same.
    """
    then = _by_heading(build_tables(before, allowed))
    found = []
    for heading, tables in _grouped(build_tables(now, allowed)).items():
        were = then.pop(heading, {})
        known = {row.record.label for table in tables for row in table.rows}
        gone = tuple(label for label, row in were.items() if label not in known and _own(row))
        for table in tables:
            change = Changes(table, *_of_table(table, were), gone)
            gone = ()
            if change.new or change.moved or change.gone:
                found.append(change)
    return found


def vanished(before: Sequence[RunRecord], now: Sequence[RunRecord]) -> list[Heading]:
    """The headings of which not one row is left."""
    left = {_heading(record) for record in now}
    return list(dict.fromkeys(h for r in before if (h := _heading(r)) not in left))


def _of_table(table: Table, were: dict[str, Row]) -> tuple[tuple[Row, ...], tuple[Moved, ...]]:
    new, moved = [], []
    for row in table.rows:
        old = were.get(row.record.label)
        if old is None:
            if _own(row):
                new.append(row)
        elif old.rank != row.rank or old.record.id != row.record.id:
            moved.append(Moved(row, old.rank, old.record.id != row.record.id))
    return tuple(new), tuple(moved)


def _own(row: Row) -> bool:
    return not row.record.shipped


def _heading(record: RunRecord) -> Heading:
    return Heading(record.protocol, record.scale, record.device, record.precision)


def _grouped(tables: Sequence[Table]) -> dict[Heading, list[Table]]:
    found: dict[Heading, list[Table]] = {}
    for table in tables:
        found.setdefault(table.heading, []).append(table)
    return found


def _by_heading(tables: Sequence[Table]) -> dict[Heading, dict[str, Row]]:
    return {
        heading: {row.record.label: row for table in group for row in table.rows}
        for heading, group in _grouped(tables).items()
    }
