"""The page "History": the best over the years, and every row that was measured more than once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from esrbench.leaderboard.history import Difference, History, history_of
from esrbench.leaderboard.table import Table
from esrbench.leaderboard.timeline import Best, Timeline, timeline
from esrbench.report.atomic import write_text
from esrbench.report.drawings.timeline import called, timeline_drawing
from esrbench.report.index_page import section_id, title_of
from esrbench.report.numbers import fixed, in_unit
from esrbench.report.templates import render
from esrbench.results.record import RunRecord
from esrbench.results.store import slug

PAGE = "history.html"


@dataclass(frozen=True)
class Years:
    """One table's timeline as the template shows it."""

    id: str
    title: str
    figure: str
    drawing: Markup
    bounds: list[str]
    lines: list[tuple[int, list[tuple[str, str, str]]]]
    """By year: for each bound the best value, whose it is, and that one's page."""


def write_history_page(
    tables: Sequence[Table],
    links: Mapping[str, str],
    lives: Sequence[Sequence[RunRecord]],
    out: Path,
) -> None:
    """Write the page under ``out``; ``lives`` are the rows of several records, oldest first."""
    histories = sorted((history_of(records) for records in lives), key=_newest_first, reverse=True)
    write_text(
        out / PAGE,
        render(
            PAGE,
            timelines=[
                _years(table, found, number, links)
                for number, table in enumerate(tables)
                if (found := timeline(table)) is not None
            ],
            histories=[
                (history_id(h.newest), h, [_lines(step.differences) for step in h.steps])
                for h in histories
            ],
            links=links,
        ),
    )


def history_id(record: RunRecord) -> str:
    """The fragment of a row's history."""
    parts = (record.own_label, f"x{record.scale}", record.protocol, record.device, record.precision)
    return "-".join(slug(part) for part in parts)


def _newest_first(history: History) -> tuple[str, str]:
    return history.newest.created, history.newest.id


def _lines(differences: Sequence[Difference]) -> list[tuple[str, str, str, str, str]]:
    """Figure, before, now, by how much, and whether that is better, worse or neither."""
    return [
        (_name(d), _text(d, d.before) or "not measured", _text(d, d.now) or "not measured",
         *_gap(d))
        for d in differences
        if _text(d, d.before) != _text(d, d.now)
    ]  # fmt: skip


def _name(difference: Difference) -> str:
    column = difference.column
    return column.with_unit(column.label if column.kind == "cost" else None)


def _text(difference: Difference, value: float | None) -> str:
    both = [difference.before, difference.now]
    return in_unit(difference.column, value, difference.column.decimals(both))


def _gap(difference: Difference) -> tuple[str, str]:
    """By how much, and in which way: a cost in percent, quality in its unit."""
    before, now, column = difference.before, difference.now, difference.column
    if before is None or now is None:
        return "", ""
    better = (now < before) == (column.direction == "lower")
    tone = "" if column.direction == "unknown" else "better" if better else "worse"
    if column.kind == "cost":
        return (f"{(now / before - 1) * 100:+.1f}%".replace("-", "−") if before else "", tone)
    digits = column.decimals([before, now])
    gap = (now - before) / column.divisor
    return ("+" if gap > 0 else "") + fixed(gap, digits), tone


def _years(table: Table, found: Timeline, number: int, links: Mapping[str, str]) -> Years:
    column = found.column
    digits = column.decimals([dated.value for dated in found.rows])

    def cell(best: Best, year: int) -> tuple[str, str, str]:
        dated = best.by(year)
        if dated is None:
            return "", "", ""
        record = dated.row.record
        value = fixed(dated.value / column.divisor, digits)
        return value, record.label, links.get(record.id, "")

    return Years(
        id=f"years-{section_id(table, number)}",
        title=f"{title_of(table)}, {table.heading.device}",
        figure=column.with_unit(),
        drawing=timeline_drawing(found, links),
        bounds=[called(best) for best in found.best],
        lines=[(year, [cell(best, year) for best in found.best]) for year in found.years],
    )
