"""Which rows of a column are printed bold, and which underlined: the best and the second best.

Only rows that are ranked take part, so that bold, underlined and ranked are of the same set.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from esrbench.leaderboard.columns import Column
from esrbench.leaderboard.ranking import Row
from esrbench.leaderboard.table import Table
from esrbench.leaderboard.ties import tie_groups, within_chance
from esrbench.report.numbers import in_unit

NONE: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Marked:
    """Indices of a table's rows."""

    best: frozenset[int] = NONE
    second: frozenset[int] = NONE


def marked(table: Table, column: Column, decimals: int, takes_part: Callable[[Row], bool]
           = lambda row: row.rank is not None) -> Marked:  # fmt: skip
    """The best and the second best rows of ``column`` printed with ``decimals``.

    All that print the same are best together, and all that chance may have parted; of runtimes all
    that the measurement cannot tell from the fastest. Where one row has the value, or all are
    alike, nothing is best.
    """
    values = {
        i: value
        for i, row in enumerate(table.rows)
        if takes_part(row) and (value := column.value(row.record)) is not None
    }
    if column.direction == "unknown":
        return Marked()
    if column.quantity.bolding == "as measured":
        groups = _as_measured(table, list(values))
    else:
        unsure = [column.unsure(row.record) for row in table.rows]
        groups = as_printed(column, values, unsure, decimals)
    return Marked(groups[0], groups[1]) if len(groups) > 1 else Marked()


def as_printed(
    column: Column, values: Mapping[int, float], unsure: Sequence[float], decimals: int
) -> list[frozenset[int]]:
    """Groups of the places of ``values``, the best first: what prints like a group's best, or may
    be parted from it by chance alone, is of that group."""
    order = sorted(values, key=lambda i: values[i], reverse=column.direction == "higher")
    texts = {i: in_unit(column, values[i], decimals) for i in order}
    groups: list[list[int]] = []
    for i in order:
        best = groups[-1][0] if groups else None
        if best is not None and (texts[i] == texts[best] or within_chance(values, unsure, i, best)):
            groups[-1].append(i)
        else:
            groups.append([i])
    return [frozenset(group) for group in groups]


def _as_measured(table: Table, rows: list[int]) -> list[frozenset[int]]:
    ranks = tie_groups([table.rows[i].record for i in rows])
    groups: dict[int, set[int]] = {}
    for at, rank in sorted(ranks.items(), key=lambda item: item[1]):
        groups.setdefault(rank, set()).add(rows[at])
    return [frozenset(group) for group in groups.values()]
