"""The cells of a table, written straight as HTML: a thousand rows are too many for a template."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from esrbench.flags import LITERATURE
from esrbench.leaderboard.columns import Column
from esrbench.leaderboard.literature import is_literature
from esrbench.leaderboard.ranking import Row
from esrbench.leaderboard.table import Table
from esrbench.quantities.costs import MARKS
from esrbench.report.badges import Badge, badges_of
from esrbench.report.best import Marked, marked
from esrbench.report.numbers import breakable, in_unit, js, js_list, score_text
from esrbench.report.printed_value import printed_value
from esrbench.report.reasons import first_clause
from esrbench.report.words import escape
from esrbench.results.record import RunRecord


@dataclass(frozen=True)
class ShownColumn:
    """A column with what this table makes of it."""

    column: Column
    decimals: int
    marked: Marked
    signature: str


def shown_columns(table: Table) -> list[ShownColumn]:
    """Every column of ``table`` with its decimals and the best among its ranked rows."""
    shown = []
    for column in table.columns:
        values = [column.value(row.record) for row in table.rows]
        decimals = column.decimals(values)
        signature = table.signatures.get(column.reason_key, "")
        shown.append(ShownColumn(column, decimals, marked(table, column, decimals), signature))
    return shown


def common_badges(table: Table) -> list[Badge]:
    """The badges that every ranked row has: said once above the table instead of on each row."""
    ranked = [badges_of(row) for row in table.rows if row.rank is not None]
    return [b for b in ranked[0] if all(b in badges for badges in ranked)] if ranked else []


def body(table: Table, rows: Sequence[Row], columns: Sequence[ShownColumn],
         links: Mapping[str, str]) -> str:  # fmt: skip
    """The ``<tr>`` elements of ``rows``; closing tags that HTML does not need are left out."""
    indices = {id(row): i for i, row in enumerate(table.rows)}
    common = {badge.code for badge in common_badges(table)}
    return "\n".join(_row(row, indices[id(row)], table, columns, links, common) for row in rows)


def _row(row: Row, index: int, table: Table, columns: Sequence[ShownColumn],
         links: Mapping[str, str], common: Collection[str]) -> str:  # fmt: skip
    record = row.record
    rank = "" if row.rank is None else f"{'=' if row.tied else ''}{row.rank}"
    hint = f' title="{escape(record.told[0])}"' if record.told else ""
    name = f'<a href="{escape(links[record.id])}"{hint}>{breakable(record.label)}</a>'
    read = is_literature(record)
    why = _where_read(record) if read else _why_apart(row) if row.apart else ""
    kind = " class=tied" if row.tied else ""
    cells = [f"<tr data-i={index}{kind}><td>{rank}<th scope=row>{name}{why}"]
    if table.rule.formula:
        cells.append(_score_cell(row))
    cells += [_cell(shown, row, index) for shown in columns if shown.column.shown]
    badges = "".join(
        f'<b class={b.tone} data-b="{escape(b.code)}">{escape(b.label)}</b>'
        for b in badges_of(row)
        if b.code not in common and not (read and b.code == LITERATURE)
    )
    return "".join(cells) + f"<td>{badges}"


def _where_read(record: RunRecord) -> str:
    """What stands under the name of figures that others printed: that they were not measured is
    their section's heading."""
    return f"<small>{escape(record.source)}</small>" if record.source else ""


def _why_apart(row: Row) -> str:
    """The reason's first clause, which opens to the whole where there is more."""
    whole, official = str(row.apart), ""
    if row.official_rank:
        official = f"; official rank {row.official_rank}"
    head = first_clause(whole)
    if head == whole:
        return f"<small>{escape(whole)}{official}</small>"
    rest = whole[len(head) :].lstrip(" ,;:.") if whole.startswith(head) else whole
    return (
        f"<small><details><summary>{escape(head)}{official}</summary>{escape(rest)}</details>"
        "</small>"
    )


def _score_cell(row: Row) -> str:
    beside = ""
    if row.second_score is not None:
        beside = f"<i>{score_text(row.second_score)} with all MACs</i>"
    return f"<td>{score_text(row.score)}{beside}"


def _cell(shown: ShownColumn, row: Row, index: int) -> str:
    record, column = row.record, shown.column
    text = printed_value(column, record, shown.decimals)
    if not text:
        why = record.missing.get(column.reason_key)
        return f'<td title="{escape(why)}">' if why else "<td>"
    if index in shown.marked.best:
        text = f"<strong>{text}</strong>"
    elif index in shown.marked.second:
        text = f"<u>{text}</u>"
    return f"<td>{text}{_mark(column.mark(record))}{_beside(shown, row)}"


def _mark(mark: str) -> str:
    """The sign that goes with a value, with what it means."""
    if not mark:
        return ""
    meaning = " ".join(MARKS[sign] for sign in mark if sign in MARKS)
    return f'<sup title="{escape(meaning)}">{escape(mark)}</sup>'


def _beside(shown: ShownColumn, row: Row) -> str:
    """What stands small under a value: its spread, or the other way of counting."""
    column, record = shown.column, row.record
    ends = column.ends(record)
    if ends:
        return f"<i>{'–'.join(in_unit(column, end, shown.decimals) for end in ends)}</i>"
    other = column.beside(record)
    return "" if other is None else f"<i>{in_unit(column, other, shown.decimals)}</i>"


def values_json(table: Table, columns: Sequence[ShownColumn]) -> str:
    """The unrounded values of every row, for JavaScript: one array a row.

    Its first members are year, rank and score; then the columns in order; then what stands beside
    the columns that have something there, in the order of :func:`placed_beside`.
    """
    with_ends, with_other = placed_beside(table, columns)
    lines = []
    for row in table.rows:
        values = [row.record.about.year, row.rank, row.score]
        values += [shown.column.value(row.record) for shown in columns]
        for shown in with_ends:
            values += shown.column.ends(row.record) or (None, None)
        values += [shown.column.beside(row.record) for shown in with_other]
        lines.append(js_list(None if v is None else float(v) for v in values))
    return "[" + ",\n".join(lines) + "]"


def placed_beside(
    table: Table, columns: Sequence[ShownColumn]
) -> tuple[list[ShownColumn], list[ShownColumn]]:
    """The columns of which any row has two ends, and those of which any has another count."""
    records = table.records
    return (
        [s for s in columns if any(s.column.ends(r) for r in records)],
        [s for s in columns if any(s.column.beside(r) is not None for r in records)],
    )


def threshold_of(table: Table, key: str) -> str:
    """The protocol's threshold for the column ``key`` as JSON, ``null`` where it sets none."""
    dataset, _, metric = key.rpartition(".")
    return js(table.protocol.threshold(dataset, metric))
