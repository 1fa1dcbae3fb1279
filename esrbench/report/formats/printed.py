"""A table as it is printed: rounded, lined up, best and second marked."""

from __future__ import annotations

from dataclasses import dataclass

from esrbench.flags import flag_of
from esrbench.leaderboard.columns import SCORE, Column
from esrbench.leaderboard.literature import is_literature
from esrbench.leaderboard.table import Table
from esrbench.quantities.costs import MARKS
from esrbench.report.numbers import score_text
from esrbench.report.printed_value import printed_value
from esrbench.report.rows import shown_columns

PUBLISHED = "†"
"""Stands behind the name of a row of figures that others printed."""
AS_PUBLISHED = "As published, not measured here; never ranked, and best or second in no column."


@dataclass(frozen=True)
class Cell:
    """One value as text."""

    text: str
    best: bool = False
    second: bool = False
    mark: str = ""
    """Signs that go with the value: see ``MARKS``."""


@dataclass(frozen=True)
class Line:
    """One row."""

    rank: str
    """``=2`` where it is shared; "" where the row is not ranked."""
    name: str
    cells: list[Cell]
    mark: str = ""
    """``PUBLISHED`` where its figures are others' and were not measured."""
    apart: str | None = None
    """Why it is not ranked."""
    allowed: tuple[str, ...] = ()
    """The flags it is ranked in spite of."""


@dataclass(frozen=True)
class Head:
    """One column's heading."""

    group: str
    text: str
    unit: str
    whole: str
    """With the group, where the heading says nothing without it."""


def heads(table: Table) -> list[Head]:
    """The columns of :func:`printed`."""
    shown = [s.column for s in shown_columns(table) if s.column.shown]
    found = [Head(c.group, c.heading, c.unit, _whole(c)) for c in shown]
    if table.rule.formula:
        found.insert(0, Head(SCORE, table.rule.formula.main.title, "", SCORE))
    return found


def printed(table: Table) -> list[Line]:
    """The rows in order; where a challenge's formula ranks them, its score comes first."""
    columns = [s for s in shown_columns(table) if s.column.shown]
    lines = []
    for i, row in enumerate(table.rows):
        cells = [Cell(score_text(row.score))] if table.rule.formula else []
        for s in columns:
            text = printed_value(s.column, row.record, s.decimals)
            mark = s.column.mark(row.record) if text else ""
            cells.append(Cell(text, i in s.marked.best, i in s.marked.second, mark))
        rank = "" if row.rank is None else f"{'=' if row.tied else ''}{row.rank}"
        read = is_literature(row.record)
        name, mark = (row.record.own_label, PUBLISHED) if read else (row.record.label, "")
        lines.append(Line(rank, name, cells, mark, row.apart, row.allowed))
    return lines


def notes_of(lines: list[Line]) -> list[tuple[str, str]]:
    """The signs that stand in ``lines``, with what they mean."""
    seen = {sign for line in lines for cell in line.cells for sign in cell.mark}
    read = [(PUBLISHED, AS_PUBLISHED)] if any(line.mark for line in lines) else []
    return [(sign, meaning) for sign, meaning in MARKS.items() if sign in seen] + read


def apart_notes(lines: list[Line]) -> list[str]:
    """``Not ranked: cheater: rejected: It cheats.``, and what is ranked in spite of a flag."""
    apart = [line for line in lines if line.apart and not line.mark]
    notes = [f"Not ranked: {line.name}: {line.apart}" for line in apart]
    allowed = [
        f"Ranked in spite of a flag, as allowed: {line.name}: "
        + " ".join(f"{flag_of(key).badge}: {flag_of(key).meaning}" for key in line.allowed)
        for line in lines
        if line.allowed
    ]
    return allowed + notes


def title_of(table: Table) -> str:
    """What the table's rows have in common."""
    h = table.heading
    return f"{table.protocol.title or h.protocol} ×{h.scale}, {h.device}, {h.precision}"


def with_unit(text: str, unit: str) -> str:
    """``Runtime [ms]``."""
    return f"{text} [{unit}]" if unit else text


def _whole(column: Column) -> str:
    return f"{column.group} {column.heading}" if column.kind == "quality" else column.label
