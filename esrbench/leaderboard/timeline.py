"""The best quality known by each year at a given cost: what efficiency has gained over time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from esrbench.leaderboard.columns import Column
from esrbench.leaderboard.ranking import Row
from esrbench.leaderboard.table import Table
from esrbench.leaderboard.unranked import is_reference

_BOUNDS = (50e3, 100e3, 200e3, 300e3, 500e3, 1e6, 2e6, 5e6, 10e6)
_MOST = 3
"""Bounds that are shown besides none at all."""


@dataclass(frozen=True)
class Dated:
    """One row with the year of its paper."""

    row: Row
    year: int
    value: float
    params: float


@dataclass(frozen=True)
class Best:
    """The best rows up to a cost, year by year."""

    bound: float | None
    """Params, at most; None for any."""
    years: tuple[Dated, ...]
    """Oldest first; each better than all before it."""

    def by(self, year: int) -> Dated | None:
        """The best until ``year``; None where there was none yet."""
        return next((dated for dated in reversed(self.years) if dated.year <= year), None)


@dataclass(frozen=True)
class Timeline:
    """Rows of one table over the years."""

    column: Column
    """The quality."""
    rows: tuple[Dated, ...]
    best: tuple[Best, ...]
    """The smallest bound first, without a bound last."""

    @property
    def years(self) -> range:
        """From the first paper's to the last one's."""
        found = [dated.year for dated in self.rows]
        return range(min(found), max(found) + 1)


def timeline(table: Table) -> Timeline | None:
    """The timeline of ``table``'s networks by params; None where they are all of one year.

    Quality is the figure the table is ranked by, else its first. Rows that a flag took out of the
    ranking for what they are (not for what they lack) are no milestones: only rows with a rank, and
    those whose quality comes with esrbench.
    """
    quality = [c for c in table.columns if c.kind == "quality" and c.shown]
    column = next((c for c in quality if c.key == table.rule.key), next(iter(quality), None))
    if column is None or column.direction == "unknown":
        return None
    rows = [dated for row in table.rows if (dated := _dated(row, column)) is not None]
    if len({dated.year for dated in rows}) < 2:
        return None
    sign = -1 if column.direction == "lower" else 1
    best = [_best(bound, rows, sign) for bound in (*_bounds(rows), None)]
    return Timeline(column, tuple(rows), tuple(best))


def _dated(row: Row, column: Column) -> Dated | None:
    record = row.record
    value, year, params = column.value(record), record.about.year, record.params
    counts = row.rank is not None or record.shipped
    if not counts or value is None or year is None or params is None or is_reference(record):
        return None
    return Dated(row, year, value, params) if math.isfinite(value) else None


def _bounds(rows: Sequence[Dated]) -> list[float]:
    """Round numbers of params that part the rows, each in another way than the one before."""
    within = {bound: sum(dated.params <= bound for dated in rows) for bound in _BOUNDS}
    parts = {count: bound for bound, count in reversed(within.items()) if 0 < count < len(rows)}
    found = sorted(parts.values())
    if len(found) <= _MOST:
        return found
    return [found[round(i * (len(found) - 1) / (_MOST - 1))] for i in range(_MOST)]


def _best(bound: float | None, rows: Sequence[Dated], sign: int) -> Best:
    steps: list[Dated] = []
    within = (dated for dated in rows if bound is None or dated.params <= bound)
    for dated in sorted(within, key=lambda d: (d.year, -sign * d.value)):
        if not steps or sign * dated.value > sign * steps[-1].value:
            steps.append(dated)
    return Best(bound, tuple(steps))
