"""A table as it is printed: rounded, lined up, best and second marked."""

from __future__ import annotations

from esrbench.leaderboard.columns import Column
from esrbench.leaderboard.table import Table
from esrbench.report.numbers import in_unit
from esrbench.report.rows import shown_columns


def printed(table: Table) -> list[tuple[str, str, list[tuple[str, bool, bool]]]]:
    """Rank, name, and for each shown column its text and whether it is best or second."""
    columns = [s for s in shown_columns(table) if s.column.shown]
    lines = []
    for row in table.rows:
        cells = []
        for s in columns:
            value = s.column.value(row.record)
            text = in_unit(s.column, value, s.decimals)
            ranked = row.rank is not None and bool(text)
            cells.append((text, ranked and text == s.best, ranked and text == s.second))
        rank = "" if row.rank is None else f"{'=' if row.tied else ''}{row.rank}"
        lines.append((rank, row.record.label, cells))
    return lines


def title_of(table: Table) -> str:
    """What the table's rows have in common."""
    h = table.heading
    return f"{table.spec.get('title') or h.protocol} ×{h.scale}, {h.device}, {h.precision}"


def headed(column: Column, with_dataset: bool = True) -> str:
    """A column's heading with its unit."""
    where = f"{column.group} " if with_dataset and "." in column.key else ""
    return f"{where}{column.heading}" + (f" [{column.unit}]" if column.unit else "")
