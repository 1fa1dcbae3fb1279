"""Quality against cost, with the Pareto front: the plot a paper on efficient SR opens with."""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from esrbench.errors import UsageError
from esrbench.printable import printable
from esrbench.protocol.recorded import recorded
from esrbench.quantities.costs import MARKS
from esrbench.report.figures.axes import Axis, cost_axis, quality_axis
from esrbench.report.figures.naming import THRESHOLD, name_points
from esrbench.report.figures.points import (
    Point,
    area_of,
    bubble_scale,
    check_highlight,
    collect,
    largest_table,
)
from esrbench.report.figures.style import PALETTE, QUIET, SOFT, Width, paper, plain_log, size_of
from esrbench.results.record import RunRecord

_LETTERS_AN_INCH = 19
"""Of a title, so that it stays within the figure."""


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
    with paper():
        figure = Figure(figsize=size_of(width), layout="constrained")
        axes = figure.add_subplot()
        _set_axes(axes, across, up, points)
        _draw(axes, points)
        _mark_threshold(axes, rows, up)
        if bubble is not None:
            _explain_areas(axes, rows, bubble)
        name_table(axes, rows, title)
        _explain_marks(figure, points)
        name_points(figure, axes, points, labels)
    return figure


def _set_axes(axes: Axes, across: Axis, up: Axis, points: Sequence[Point]) -> None:
    xs = [p.x for p in points] + [end for p in points if p.error for end in p.error if end > 0]
    ys = [p.y for p in points]
    if max(xs) / min(xs) > 8:
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


def _draw(axes: Axes, points: Sequence[Point]) -> None:
    """Points with their error bars, which end in caps, over the thin line of the front."""
    front = sorted((p for p in points if p.front), key=lambda p: p.x)
    axes.plot([p.x for p in front], [p.y for p in front], drawstyle="steps-post", color="#7fb2d6",
              linewidth=0.9, zorder=2)  # fmt: skip
    for p in points:
        colour = PALETTE[1] if p.lit else PALETTE[0] if p.front else QUIET
        marker = (
            "o"
            if p.literature
            else "x"
            if not p.ranked
            else "D"
            if p.lit
            else "o"
            if p.front
            else "s"
        )
        if p.error:
            axes.plot(p.error, (p.y, p.y), color=colour, linewidth=0.8, zorder=2.5, marker="|",
                      markersize=3.2, markeredgewidth=0.8, solid_capstyle="butt")  # fmt: skip
        filled = not p.literature and (p.front or p.lit or not p.ranked)
        axes.scatter([p.x], [p.y], s=p.size, marker=marker, zorder=4 if p.lit else 3,
                     color=colour if filled else "white",
                     edgecolors=colour if p.ranked or p.literature else None, linewidths=0.9,
                     alpha=0.95)  # fmt: skip


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
    axes.legend(handles, [f"{v:g}" for v in steps], title=axis.label, loc="best", labelspacing=0.9,
                borderpad=0.6, handletextpad=0.9, title_fontsize=6.5, fontsize=6.5)  # fmt: skip


def _explain_marks(figure: Figure, points: Sequence[Point]) -> None:
    """Under the axes: what the signs beside names mean."""
    seen = {sign for p in points for sign in p.mark}
    words = [f"{sign} {meaning}" for sign, meaning in MARKS.items() if sign in seen]
    if words:
        figure.supxlabel("\n".join(textwrap.wrap(" ".join(words), 70)), fontsize=5.5, color=SOFT,
                         x=0.02, ha="left")  # fmt: skip


def name_table(axes: Axes, rows: Sequence[RunRecord], title: str | None) -> None:
    """Above the axes: what the rows have in common, or ``title``."""
    first = rows[0]
    text = title if title is not None else (
        f"{first.protocol} ×{first.scale}, {first.device}, {first.precision}"
    )  # fmt: skip
    room = int(float(axes.figure.bbox.width / axes.figure.dpi) * _LETTERS_AN_INCH)
    # Not wrap=True: matplotlib would measure the lines as formulas, whatever is asked.
    lines = [part for line in printable(text, keep="\n").split("\n")
             for part in textwrap.wrap(line, room) or [""]]  # fmt: skip
    axes.set_title("\n".join(lines), loc="left", fontsize=6.5, color=SOFT)
