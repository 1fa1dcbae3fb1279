"""Quality over the years, with a line for the best that a number of params has bought."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from markupsafe import Markup

from esrbench.leaderboard.timeline import Best, Timeline
from esrbench.number_of import number_of
from esrbench.report.drawings.paper import LETTER, Sheet, axes, dots, drawing, n, polyline, text
from esrbench.report.drawings.scale import Scale, linear
from esrbench.report.numbers import fixed, with_prefix
from esrbench.report.words import escape

_SHEETS = {
    "wide": Sheet(1100, 360, right=130, shown=1360),
    "narrow": Sheet(350, 300, left=46, right=86),
}
_LINKED = 200
"""More rows than this are dots, of which only the best lead anywhere."""
_KINDS = ("first", "second", "third", "any")


def called(best: Best) -> str:
    """``any cost``, or ``≤ 300 K params``."""
    if best.bound is None:
        return "any cost"
    millions = best.bound >= 1e6
    return f"≤ {best.bound / (1e6 if millions else 1e3):g} {'M' if millions else 'K'} params"


def timeline_drawing(found: Timeline, links: Mapping[str, str]) -> Markup:
    """The drawing, for a screen and for a phone."""
    return Markup("").join(_draw(kind, found, links) for kind in _SHEETS)


def _draw(kind: str, found: Timeline, links: Mapping[str, str]) -> Markup:
    sheet = _SHEETS[kind]
    column = found.column
    years = found.years
    lower = column.direction == "lower"
    x = Scale(years[0] - 0.3, years[-1] + 0.3, *sheet.across)
    values = [dated.value / column.divisor for dated in found.rows]
    y = linear(values, *(sheet.up[::-1] if lower else sheet.up))
    every = 1 if kind == "wide" else max(1, -(-len(years) // 5))
    ticks = [(float(year), str(year)) for year in years if (years[-1] - year) % every == 0]
    lines, ends = [], []
    for style, best in zip(_KINDS[-len(found.best) :], found.best, strict=True):
        if best.years:
            lines.append(polyline(_steps(best, x, y, column.divisor), style))
            ends.append((y.at(best.years[-1].value / column.divisor), called(best), style))
    rows = number_of(len(found.rows), "system")
    what = f"{column.with_unit()} by year of publication, {rows}; lines are the best so far"
    names = _apart([at for at, _, _ in ends], 14)
    edge = sheet.across[1] + 6
    return drawing(
        sheet, what,
        axes(sheet, x, y, "Year of the paper", column.with_unit(), ticks),
        *lines,
        _marks(found, links, x, y),
        *(text(edge, at + 4, _short(words, sheet), kind=f"end {style}")
          for at, (_, words, style) in zip(names, ends, strict=True)),
        kind=f"timeline {kind}",
    )  # fmt: skip


def _short(words: str, sheet: Sheet) -> str:
    room = sheet.right - 6
    return words if len(words) * LETTER <= room else words.removesuffix(" params")


def _steps(best: Best, x: Scale, y: Scale, divisor: float) -> list[tuple[float, float]]:
    """The corners: a year's best holds until a better one comes, and to the edge."""
    at = [(x.at(dated.year), y.at(dated.value / divisor)) for dated in best.years]
    corners = [at[0]]
    for before, after in pairwise(at):
        corners += [(after[0], before[1]), after]
    return [*corners, (x.end, at[-1][1])]


def _marks(found: Timeline, links: Mapping[str, str], x: Scale, y: Scale) -> str:
    column = found.column
    digits = column.decimals([dated.value for dated in found.rows])
    leading = {dated.row.record.id for best in found.best for dated in best.years}
    parts = []
    many = len(found.rows) > _LINKED
    if many:
        others = [d for d in found.rows if d.row.record.id not in leading]
        places = [(x.at(d.year), y.at(d.value / column.divisor)) for d in others]
        parts.append(dots(places, "many"))
    for dated in found.rows:
        record = dated.row.record
        if many and record.id not in leading:
            continue
        figure = f"{fixed(dated.value / column.divisor, digits)} {column.unit}".strip()
        words = f"{record.label} ({dated.year}): {figure}, {with_prefix(dated.params)} params"
        kind = "best" if record.id in leading else "row"
        circle = (
            f'<circle class="{kind}" cx="{n(x.at(dated.year))}" '
            f'cy="{n(y.at(dated.value / column.divisor))}" r="4.5"><title>{escape(words)}</title>'
            "</circle>"
        )
        page = links.get(record.id)
        parts.append(f'<a href="{escape(page)}">{circle}</a>' if page else circle)
    return "".join(parts)


def _apart(places: list[float], least: float) -> list[float]:
    """``places`` moved so that no two are nearer than ``least``, in the same order."""
    order = sorted(range(len(places)), key=places.__getitem__)
    moved = list(places)
    for above, below in pairwise(order):
        moved[below] = max(moved[below], moved[above] + least)
    return moved
