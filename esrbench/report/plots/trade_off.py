"""Quality against cost, with the Pareto front: the plot a paper on efficient SR opens with."""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure

from esrbench.errors import UsageError
from esrbench.printable import printable
from esrbench.protocol.recorded import recorded
from esrbench.quantities.costs import MARKS
from esrbench.report.plots.axes import Axis, cost_axis, quality_axis
from esrbench.report.plots.naming import THRESHOLD, key_of, name_points, numbered
from esrbench.report.plots.points import (
    Point,
    area_of,
    bubble_scale,
    check_highlight,
    collect,
    largest_table,
    needs_log,
)
from esrbench.report.plots.style import (
    INCHES,
    PALETTE,
    QUIET,
    SOFT,
    Style,
    Width,
    paper,
    plain_log,
    size_of,
)
from esrbench.results.record import RunRecord

_LETTERS_AN_INCH = 19
"""Of a title, so that it stays within the figure."""
_SMALL_LETTERS_AN_INCH = 23
"""Of the lines under the axes."""
_LEFT = 0.02
"""Of the figure's width: where what stands above and below the axes begins."""
_TINT = 0.28
AS_PUBLISHED = "Circles without a face: as published, not measured here."
_LINE = 0.1
"""Inches each of them adds to the height."""


def trade_off(
    records: Sequence[RunRecord],
    *,
    x: str = "runtime",
    y: str = "psnr",
    dataset: str | None = None,
    highlight: Sequence[str] = (),
    bubble: str | None = None,
    width: Width = "single",
    title: str | None = None,
    style: Style = "sans",
    allowed: Collection[str] = (),
    interpolation: bool = False,
    labels: str = "all",
) -> Figure:
    """``y`` against ``x`` for the rows of ``records`` that have both.

    ``records`` are one table's; of several tables the largest is drawn, and the figure says which.
    ``x`` and ``bubble``: words for costs (``quantities/costs.py``); ``y``: for metrics. ``allowed``
    are flags that take no row off the front; ``interpolation`` draws bicubic and its like wherever
    they are; ``labels`` says whose names are written: all, front, top:N, or names. What is not
    drawn is told as a ``LeftOut`` warning. Raises UsageError for an unknown word, or when no row
    has both.
    """
    table = largest_table(records, allowed)
    rows = table.records
    check_highlight(rows, highlight)
    across, up = cost_axis(x, rows), quality_axis(y, dataset, rows)
    points = collect(table, across, up, highlight, bubble, interpolation=interpolation)
    if not points:
        raise UsageError(f"No record has both {across.label} and {up.label}: nothing to plot.")
    with paper(style):
        numbers = numbered(points, labels)
        foot = _foot(points, key_of(points, numbers), width)
        across_inches, up_inches = size_of(width)
        size = (across_inches, up_inches + _LINE * len(foot))
        figure = Figure(figsize=size, layout="constrained")
        axes = figure.add_subplot()
        _set_axes(axes, across, up, points)
        _draw(axes, points, light=bubble is not None)
        _mark_threshold(axes, rows, up)
        if bubble is not None:
            _explain_areas(axes, rows, bubble)
        name_table(figure, rows, title)
        if foot:
            figure.supxlabel("\n".join(foot), fontsize=5.5, color=SOFT, x=_LEFT, ha="left")
        name_points(figure, axes, points, labels, numbers)
    return figure


def _set_axes(axes: Axes, across: Axis, up: Axis, points: Sequence[Point]) -> None:
    xs = [p.x for p in points] + [end for p in points if p.error for end in p.error if end > 0]
    ys = [p.y for p in points]
    if min(xs) > 0 and needs_log(xs):
        plain_log(axes, "x")
        reach = (max(xs) / min(xs)) ** 0.1
        axes.set_xlim(min(xs) / reach, max(xs) * reach)
    else:
        margin = (max(xs) - min(xs)) * 0.12 or max(xs) * 0.1
        axes.set_xlim(max(0.0, min(xs) - margin), max(xs) + margin)
    margin = (max(ys) - min(ys)) * 0.12 or abs(max(ys)) * 0.01 or 1.0
    axes.set_ylim(min(ys) - margin, max(ys) + margin)
    if up.column.direction == "lower":
        axes.invert_yaxis()
    axes.set_xlabel(across.label)
    axes.set_ylabel(up.label + (", lower is better" if up.column.direction == "lower" else ""))


def _draw(axes: Axes, points: Sequence[Point], *, light: bool) -> None:
    """Points with their error bars, which end in caps, over the thin line of the front; large ones
    below small ones, and ``light`` lets those below show through."""
    front = sorted((p for p in points if p.front), key=lambda p: p.x)
    axes.plot([p.x for p in front], [p.y for p in front], drawstyle="steps-post", color="#7fb2d6",
              linewidth=0.9, zorder=2)  # fmt: skip
    for p in sorted(points, key=lambda p: -p.size):
        colour = PALETTE[1] if p.lit else PALETTE[0] if p.front else QUIET
        marker = _marker(p, light=light)
        if p.error:
            axes.plot(p.error, (p.y, p.y), color=colour, linewidth=0.8, zorder=2.5, marker="|",
                      markersize=3.2, markeredgewidth=0.8, solid_capstyle="butt")  # fmt: skip
        filled = not p.literature and (p.front or p.lit or not p.ranked)
        axes.scatter([p.x], [p.y], s=p.size, marker=marker, zorder=4 if p.lit else 3,
                     **_inks(colour, filled=filled, light=light, cross=marker == "x"))  # fmt: skip


def _marker(p: Point, *, light: bool) -> str:
    """A ring for what a paper prints, a cross for what stands apart; else by its place."""
    if p.literature:
        return "o"
    if not p.ranked:
        return "x"
    return "D" if p.lit else "o" if p.front or light else "s"


def _inks(colour: str, *, filled: bool, light: bool, cross: bool) -> dict[str, Any]:
    """How a marker is drawn: its edge always, its face as a tint where others lie below."""
    if cross:
        return {"color": colour, "linewidths": 0.9, "alpha": 0.95}
    face: Any = to_rgba(colour, _TINT) if light else colour
    if not filled:
        face = to_rgba("white", 0.0 if light else 0.95)
    return {"facecolors": [face], "edgecolors": [to_rgba(colour, 0.95)], "linewidths": 0.9}


def _mark_threshold(axes: Axes, rows: Sequence[RunRecord], up: Axis) -> None:
    """The protocol's threshold for what is up, where it sets one and the axis reaches it."""
    dataset, _, metric = up.column.key.rpartition(".")
    value = recorded(rows[0].protocol_spec).threshold(dataset, metric)
    low, high = sorted(axes.get_ylim())
    if value is not None and low < value < high:
        axes.axhline(
            value, color=PALETTE[1], linewidth=0.7, linestyle=(0, (5, 3)), zorder=1.8, gid=THRESHOLD
        )
        axes.annotate(f"threshold {value:.{up.column.quantity.digits}f}", (1, value), ha="right",
                      xycoords=("axes fraction", "data"), xytext=(0, -2), va="top",
                      textcoords="offset points", fontsize=6, color=PALETTE[1])  # fmt: skip


def _explain_areas(axes: Axes, rows: Sequence[RunRecord], bubble: str) -> None:
    """What a point's area shows, beside three of them."""
    axis, largest = bubble_scale(rows, bubble)
    steps = [float(f"{largest * part:.1g}") for part in (0.1, 0.4, 1.0)]
    handles = [
        axes.scatter([], [], s=area_of(v, largest), marker="o", facecolors="none",
                     edgecolors=QUIET, linewidths=0.8)
        for v in steps
    ]  # fmt: skip
    axes.legend(handles, [f"{v:,.12g}" for v in steps], title=axis.label, loc="best",
                labelspacing=1.5, borderpad=1.0, handletextpad=0.9, title_fontsize=6.5,
                fontsize=6.5, frameon=True, facecolor="white", framealpha=1.0,
                edgecolor="none")  # fmt: skip


def _foot(points: Sequence[Point], key: str, width: Width) -> list[str]:
    """Lines under the axes: what numbers stand for, and what the signs beside names mean."""
    seen = {sign for p in points for sign in p.mark}
    marks = " ".join(f"{sign} {meaning}" for sign, meaning in MARKS.items() if sign in seen)
    read = AS_PUBLISHED if any(p.literature for p in points) else ""
    room = int(INCHES[width] * _SMALL_LETTERS_AN_INCH)
    return [line for text in (key, marks, read) for line in textwrap.wrap(text, room)]


def name_table(figure: Figure, rows: Sequence[RunRecord], title: str | None) -> None:
    """Above the axes: what the rows have in common, or ``title``."""
    first = rows[0]
    text = title if title is not None else (
        f"{first.protocol} ×{first.scale}, {first.device}, {first.precision}"
    )  # fmt: skip
    room = int(float(figure.bbox.width / figure.dpi) * _LETTERS_AN_INCH)
    # Not wrap=True: matplotlib would measure the lines as formulas, whatever is asked.
    lines = [part for line in printable(text, keep="\n").split("\n")
             for part in textwrap.wrap(line, room) or [""]]  # fmt: skip
    # At the figure's left edge, not the axes': behind long names there is no room for it.
    figure.suptitle("\n".join(lines), x=_LEFT, ha="left", fontsize=6.5, color=SOFT)
