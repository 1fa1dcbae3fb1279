"""The cells of a table, written straight as HTML: a thousand rows are too many for a template."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import escape

from esrbench.leaderboard.columns import Column
from esrbench.leaderboard.ranking import Row
from esrbench.leaderboard.table import Table
from esrbench.report.badges import Badge, badges_of
from esrbench.report.numbers import best_and_second, fixed, in_unit, js, js_list, score_text
from esrbench.report.reasons import first_clause


@dataclass(frozen=True)
class ShownColumn:
    """A column with what this table makes of it."""

    column: Column
    decimals: int
    best: str | None
    second: str | None
    signature: str


def shown_columns(table: Table) -> list[ShownColumn]:
    """Every column of ``table`` with its decimals and its best values among the ranked rows."""
    ranked = [row.record for row in table.rows if row.rank is not None]
    shown = []
    for column in table.columns:
        values = [column.value(row.record) for row in table.rows]
        decimals = column.decimals(values)
        best, second = best_and_second(column, [column.value(r) for r in ranked], decimals)
        signature = table.signatures.get(column.figure, "")
        shown.append(ShownColumn(column, decimals, best, second, signature))
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
    name = f'<a href="{escape(links[record.id])}"{hint}>{escape(record.label)}</a>'
    why = _why_apart(row) if row.apart else ""
    kind = " class=tied" if row.tied else ""
    cells = [f"<tr data-i={index}{kind}><td>{rank}<th scope=row>{name}{why}"]
    if table.rule.formula:
        cells.append(_score_cell(row))
    cells += [_cell(shown, row) for shown in columns if shown.column.shown]
    badges = "".join(
        f'<b class={b.tone} data-b="{escape(b.code)}">{escape(b.label)}</b>'
        for b in badges_of(row)
        if b.code not in common
    )
    return "".join(cells) + f"<td>{badges}"


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


def _cell(shown: ShownColumn, row: Row) -> str:
    record, column = row.record, shown.column
    text = in_unit(column, column.value(record), shown.decimals)
    if not text:
        why = record.missing.get(column.figure)
        return f'<td title="{escape(why)}">' if why else "<td>"
    if row.rank is not None and text == shown.best:
        text = f"<strong>{text}</strong>"
    elif row.rank is not None and text == shown.second:
        text = f"<u>{text}</u>"
    return f"<td>{text}{_spread(column.key, row, shown.decimals)}"


def _spread(key: str, row: Row, decimals: int) -> str:
    timed = row.record.runtime_ms
    if timed is None:
        return ""
    if key == "runtime_ms":
        return f"<i>{fixed(timed.p5, decimals)}–{fixed(timed.p95, decimals)}</i>"
    if key == "runtime_ratio" and timed.ratio_low is not None and timed.ratio_high is not None:
        return f"<i>{fixed(timed.ratio_low, decimals)}–{fixed(timed.ratio_high, decimals)}</i>"
    return ""


def values_json(table: Table, columns: Sequence[ShownColumn]) -> str:
    """The unrounded figures of every row, for JavaScript: one array a row.

    Its first members are year, rank, score, the runtime's p5 and p95, the ratio's low and high;
    then the columns in order.
    """
    lines = []
    for row in table.rows:
        timed = row.record.runtime_ms
        spread = (timed.p5, timed.p95, timed.ratio_low, timed.ratio_high) if timed else (None,) * 4
        values = [row.record.about.year, row.rank, row.score, *spread]
        values += [shown.column.value(row.record) for shown in columns]
        lines.append(js_list(None if v is None else float(v) for v in values))
    return "[" + ",\n".join(lines) + "]"


def threshold_of(table: Table, key: str) -> str:
    """The protocol's threshold for the column ``key`` as JSON, ``null`` where it sets none."""
    dataset, _, metric = key.rpartition(".")
    thresholds = table.spec.get("thresholds") or {}
    value = thresholds.get(dataset, {}).get(metric)
    return js(None if value is None else float(value))
