"""The index page: one table a group of comparable records, and what the page's script needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup

from esrbench.leaderboard.cold import ColdEffect, cold_effects
from esrbench.leaderboard.columns import SCORE
from esrbench.leaderboard.literature import is_literature
from esrbench.leaderboard.table import Table
from esrbench.number_of import number_of
from esrbench.report.badges import Badge, badges_of, known
from esrbench.report.drawings.trade_off import trade_off_drawing
from esrbench.report.paths import table_script
from esrbench.report.reasons import first_clause
from esrbench.report.rows import (
    ShownColumn,
    body,
    common_badges,
    shown_columns,
)
from esrbench.report.table_data import table_data
from esrbench.report.templates import render
from esrbench.results.record import DatasetFacts
from esrbench.results.store import slug


@dataclass(frozen=True)
class HeadCell:
    """One cell of the upper header row."""

    text: str
    span: int


@dataclass(frozen=True)
class Section:
    """One table as the template shows it."""

    id: str
    title: str
    tab: str
    table: Table
    head: list[HeadCell]
    columns: list[ShownColumn]
    ranked: Markup
    apart: Markup
    published: Markup
    """Figures that others printed, in a section of their own."""
    ranked_count: int
    apart_count: int
    published_count: int
    paper: str
    """The script with the table a paper prints."""
    data: Markup
    signatures: list[tuple[str, str]]
    cold: list[ColdEffect]
    allowed: list[Badge]
    """Flags that rows are ranked in spite of."""
    common: list[Badge]
    """What every ranked row has."""
    absent: list[tuple[str, str, str]]
    """What no row has, and why: the first clause, and the whole."""
    drawing: Markup
    """The trade-off plot for a page without scripts."""
    sizes: list[str]
    """Which images the quality figures stand on."""


def index_html(tables: Sequence[Table], links: Mapping[str, str], made: Mapping[str, str],
               left_out: Sequence[str] = (), since: str | None = None) -> str:  # fmt: skip
    """The whole page; ``links`` are pages by record id, ``made`` facts for the foot, ``left_out``
    why files of the results folder are not shown, ``since`` what a page of changes starts from."""
    sections = [_section(table, i, links) for i, table in enumerate(tables)]
    return render(
        "index.html",
        sections=sections,
        legend=_legend(tables),
        made=made,
        left_out=left_out,
        since=since,
        submissions=len(_names(tables, published=False)),
        published=len(_names(tables, published=True)),
    )


def _names(tables: Sequence[Table], *, published: bool) -> set[str]:
    """What is measured, or what is laid beside it as published."""
    rows = (row.record for table in tables for row in table.rows)
    return {record.label for record in rows if is_literature(record) == published}


def title_of(table: Table) -> str:
    """``NTIRE 2026 Efficient SR ×4``."""
    return f"{table.protocol.title or table.heading.protocol} ×{table.heading.scale}"


def section_id(table: Table, number: int) -> str:
    """A fragment that stays the same for the same heading."""
    h = table.heading
    name = "-".join(slug(part) for part in (h.protocol, f"x{h.scale}", h.device, h.precision))
    return f"{name}-{number}" if table.differs else name


def _section(table: Table, number: int, links: Mapping[str, str]) -> Section:
    columns = shown_columns(table)
    ranked = [row for row in table.rows if row.rank is not None]
    unranked = [row for row in table.rows if row.rank is None]
    published = [row for row in unranked if is_literature(row.record)]
    apart = [row for row in unranked if not is_literature(row.record)]
    return Section(
        id=section_id(table, number),
        title=title_of(table),
        tab=table.heading.device,
        table=table,
        head=_head(table, columns),
        columns=columns,
        ranked=Markup(body(table, ranked, columns, links)),
        apart=Markup(body(table, apart, columns, links)),
        published=Markup(body(table, published, columns, links)),
        ranked_count=len(ranked),
        apart_count=len(apart),
        published_count=len(published),
        paper=table_script("paper", section_id(table, number)),
        data=Markup(table_data(table, columns, for_index=True)),
        signatures=sorted(table.signatures.items()),
        cold=cold_effects(table),
        allowed=[known(key) for key in sorted({k for row in table.rows for k in row.allowed})],
        common=common_badges(table),
        absent=_absent(table),
        drawing=trade_off_drawing(table, links),
        sizes=_sizes(table),
    )


def _head(table: Table, columns: Sequence[ShownColumn]) -> list[HeadCell]:
    visible = [shown.column.group for shown in columns if shown.column.shown]
    if table.rule.formula:
        visible = [SCORE, *visible]
    return [HeadCell(name, len(list(same))) for name, same in groupby(visible)]


def _absent(table: Table) -> list[tuple[str, str, str]]:
    """Figures of which no row has a value, each with the reason that the first row gives."""
    reasons: dict[str, str] = {}
    for record in table.records:
        for key, why in record.missing.items():
            if record.weights_status != "missing":
                reasons.setdefault(key, why)
    columns = {c.reason_key: c for c in table.columns if c.reason_key in reasons}
    return [
        (
            column.label if column.kind == "cost" else column.heading,
            first_clause(reasons[key]),
            reasons[key],
        )
        for key, column in columns.items()
        if all(
            c.value(record) is None
            for c in table.columns
            if c.reason_key == key
            for record in table.records
        )
    ]


def _sizes(table: Table) -> list[str]:
    facts: dict[str, DatasetFacts] = {}
    for record in table.records:
        facts |= record.datasets
    return [
        f"{name}: {number_of(f.images, 'image')}, LR from {f.lr_source}"
        for name, f in facts.items()
    ]


def _legend(tables: Sequence[Table]) -> list[Badge]:
    rows = [row for table in tables for row in table.rows if not is_literature(row.record)]
    seen = {b.code: b for row in rows for b in badges_of(row)}
    return sorted(seen.values(), key=lambda b: ("bad", "warn", "plain", "good").index(b.tone))
