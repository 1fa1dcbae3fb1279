"""The index page's trade-off plot as it stands in the page, before any script has run."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup

from esrbench.leaderboard.columns import Column
from esrbench.leaderboard.pareto import pareto_front
from esrbench.leaderboard.ranking import Row
from esrbench.leaderboard.table import Table
from esrbench.number_of import number_of
from esrbench.report.drawings.paper import LETTER, Sheet, axes, dots, drawing, n, polyline, text
from esrbench.report.drawings.scale import Scale, linear, logarithmic
from esrbench.report.numbers import alone
from esrbench.report.plots.labels import Box, place
from esrbench.report.reach import within_others
from esrbench.report.words import escape

_SHEETS = {
    "wide": Sheet(1100, 400, shown=1360),
    "narrow": Sheet(350, 320, left=46, right=8),
}
"""One for a screen or paper, one for a phone: the same words at a size that can be read."""
_LINKED = 60
"""More rows than this are dots, of which only the front leads anywhere: a page must stay light."""
_NAMED = {"wide": 30, "narrow": 8}


@dataclass(frozen=True)
class Spot:
    """One row's place."""

    row: Row
    x: float
    y: float
    front: bool


def trade_off_drawing(table: Table, links: Mapping[str, str]) -> Markup:
    """The figure the table is ranked by against runtime, of the rows that have both.

    Without runtimes against the first cost; "" where no row has two figures.
    """
    chosen = _axes_of(table)
    spots = _spots(table, *chosen) if chosen else []
    if not chosen or not spots:
        return Markup("")
    return Markup("").join(_draw(kind, *chosen, spots, links) for kind in _SHEETS)


def _axes_of(table: Table) -> tuple[Column, Column] | None:
    """The columns across and up."""
    costs = [c for c in table.columns if c.kind == "cost"]
    metrics = [c for c in table.columns if c.kind == "quality" and c.shown]
    across = next((c for c in costs if c.key == "runtime_ms"), costs[0] if costs else None)
    up = next((c for c in metrics if c.key == table.rule.key), metrics[0] if metrics else None)
    return (across, up) if across and up else None


def _spots(table: Table, across: Column, up: Column) -> list[Spot]:
    placed = [
        (row, x / across.divisor, y / up.divisor)
        for row in table.rows
        if (x := across.value(row.record)) is not None
        and (y := up.value(row.record)) is not None
        and math.isfinite(y)
        and 0 < x < math.inf
    ]
    placed = within_others(placed)
    ranked = [i for i, (row, _, _) in enumerate(placed) if row.rank is not None]
    lower = up.direction == "lower"
    best = pareto_front([placed[i][1:] for i in ranked], lower_y=lower)
    front = {ranked[i] for i in best}
    return [Spot(row, x, y, i in front) for i, (row, x, y) in enumerate(placed)]


def _draw(
    kind: str, across: Column, up: Column, spots: Sequence[Spot], links: Mapping[str, str]
) -> Markup:
    sheet = _SHEETS[kind]
    xs, ys = [s.x for s in spots], [s.y for s in spots]
    spread = max(xs) / min(xs) > 8
    x = (logarithmic if spread else linear)(xs, *sheet.across)
    y = linear(ys, *(sheet.up if up.direction != "lower" else sheet.up[::-1]))
    titles = [column.with_unit() for column in (across, up)]
    rows = number_of(len(spots), "row")
    what = f"{titles[1]} against {titles[0]}, {rows}; the line is the Pareto front"
    best = sorted((s for s in spots if s.front), key=lambda s: s.x)
    return drawing(
        sheet,
        what,
        axes(sheet, x, y, titles[0], titles[1]),
        polyline(_front(best, x, y), "front"),
        _marks(spots, links, x, y, (across, up)),
        _names(sheet, kind, spots, best, x, y),
        kind=kind,
    )


def _front(best: Sequence[Spot], x: Scale, y: Scale) -> list[tuple[float, float]]:
    """The corners of the line through the front."""
    steps: list[tuple[float, float]] = [(x.at(s.x), y.at(s.y)) for s in best[:1]]
    for before, after in pairwise(best):
        steps += [(x.at(after.x), y.at(before.y)), (x.at(after.x), y.at(after.y))]
    return steps


def _marks(
    spots: Sequence[Spot], links: Mapping[str, str], x: Scale, y: Scale,
    columns: tuple[Column, Column],
) -> str:  # fmt: skip
    linked = [s for s in spots if s.front or len(spots) <= _LINKED]
    others = [(x.at(s.x), y.at(s.y)) for s in spots if not s.front and len(spots) > _LINKED]
    parts = [dots(others, "many")] if others else []
    for s in linked:
        kind = "best" if s.front else "row" if s.row.rank is not None else "apart"
        figures = ", ".join(
            f"{c.label} {alone(c, v)}{c.mark(s.row.record)} {c.unit}".strip()
            for c in reversed(columns)
            if (v := c.value(s.row.record)) is not None
        )
        parts.append(
            f'<a href="{escape(links[s.row.record.id])}"><circle class="{kind}" '
            f'cx="{n(x.at(s.x))}" cy="{n(y.at(s.y))}" r="5"><title>'
            f"{escape(s.row.record.label)}: {escape(figures)}</title></circle></a>"
        )
    return "".join(parts)


def _names(
    sheet: Sheet, kind: str, spots: Sequence[Spot], best: Sequence[Spot], x: Scale, y: Scale
) -> str:
    """Names where there is room for them, those of the front first."""
    most = _NAMED[kind]
    rest = [s for s in spots if not s.front] if len(spots) <= _LINKED else []
    named = [*best, *rest][:most]
    words = [_short(s.row.record.label, 16 if kind == "narrow" else 28) for s in named]
    taken = [Box(x.at(s.x) - 5, y.at(s.y) - 5, x.at(s.x) + 5, y.at(s.y) + 5) for s in spots]
    taken += [
        Box(min(a[0], b[0]) - 1, min(a[1], b[1]) - 1, max(a[0], b[0]) + 1, max(a[1], b[1]) + 1)
        for a, b in pairwise(_front(best, x, y))
    ]
    (left, right), (bottom, top) = sheet.across, sheet.up
    # `place` counts upwards, a drawing downwards; only distances matter to it.
    found = place(
        [(x.at(s.x), y.at(s.y)) for s in named],
        [(LETTER * len(word), 13.0) for word in words],
        [6.0] * len(named),
        Box(left, top - 8, right, bottom),
        taken,
        [(x.at(s.x), y.at(s.y)) for s in spots],
    )
    return "".join(
        text(spot.box.left, spot.box.top - 3, word, kind="name")
        for spot, word in zip(found, words, strict=True)
        if spot and not spot.far
    )


def _short(name: str, most: int) -> str:
    return name if len(name) <= most else name[: most - 1] + "…"
