"""One cost of each row as bars, the lowest on top."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure

from esrbench.errors import UsageError
from esrbench.report.numbers import significant
from esrbench.report.plots.axes import cost_axis
from esrbench.report.plots.points import (
    check_highlight,
    ends_of,
    is_lit,
    largest_group,
    names_of,
    short,
)
from esrbench.report.plots.style import INCHES, INK, PALETTE, SOFT, Style, Width, paper
from esrbench.report.plots.trade_off import name_table
from esrbench.results.record import RunRecord


def bar(
    records: Sequence[RunRecord],
    *,
    x: str = "runtime",
    highlight: Sequence[str] = (),
    width: Width = "single",
    title: str | None = None,
    style: Style = "sans",
) -> Figure:
    """The cost ``x`` of the largest table of ``records``, with its spread.

    Raises UsageError for an unknown word, or when no row has the figure.
    """
    rows = largest_group(records)
    check_highlight(rows, highlight)
    axis = cost_axis(x, rows)
    valued = [(r, v) for r in rows if (v := axis.of(r)) is not None]
    if not valued:
        raise UsageError(f"No record has {axis.label}: nothing to plot.")
    names = names_of(rows)
    valued.sort(key=lambda pair: pair[1])
    with paper(style):
        height = 0.55 + 0.17 * len(valued)
        figure = Figure(figsize=(INCHES[width], height), layout="constrained")
        axes = figure.add_subplot()
        for place, (record, value) in enumerate(valued):
            lit = is_lit(record, highlight)
            axes.barh(place, value, height=0.62, color=PALETTE[1] if lit else PALETTE[0],
                      hatch="////" if lit else None, edgecolor="white", linewidth=0)  # fmt: skip
            ends = ends_of(axis, record)
            if ends:
                axes.plot(ends, (place, place), color=INK, linewidth=0.7)
            text = significant(value, 4)
            axes.annotate(text, (max(value, *(ends or (0, 0))), place), xytext=(3, 0), color=SOFT,
                          textcoords="offset points", va="center", fontsize=6)  # fmt: skip
        axes.set_yticks(range(len(valued)), [short(names[r.id]) for r, _ in valued], fontsize=6.5)
        axes.tick_params(axis="y", length=0)
        axes.grid(visible=False, axis="y")
        axes.invert_yaxis()
        axes.margins(y=0.01)
        most = max(max(value, *(ends_of(axis, r) or (0, 0))) for r, value in valued)
        axes.set_xlim(0, most * (1.22 if width == "single" else 1.1))
        axes.set_xlabel(axis.label)
        name_table(figure, rows, title)
    return figure
