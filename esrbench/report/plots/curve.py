"""Runtime against LR pixels, one line a row: does time grow with the work?"""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from esrbench.errors import UsageError
from esrbench.report.plots.points import check_highlight, is_lit, largest_group, names_of, short
from esrbench.report.plots.style import (
    INK,
    MARKERS,
    PALETTE,
    Style,
    Width,
    paper,
    plain_log,
    size_of,
)
from esrbench.report.plots.trade_off import name_table
from esrbench.report.timing_facts import Size, by_pixels
from esrbench.results.record import RunRecord

Line = tuple[RunRecord, Sequence[Size]]


def curve(
    records: Sequence[RunRecord],
    *,
    highlight: Sequence[str] = (),
    width: Width = "single",
    title: str | None = None,
    style: Style = "sans",
) -> Figure:
    """The median at every shape of the largest table of ``records``, both axes logarithmic, with
    its 5th to 95th percentile; each line's name stands at its end.

    Raises UsageError when no row was timed at two sizes, or for an unknown name in ``highlight``.
    """
    group = largest_group(records)
    check_highlight(group, highlight)
    rows = [(r, sizes) for r in group if len(sizes := by_pixels(r)) > 1]
    if not rows:
        raise UsageError("No record was timed at two sizes; give the protocol more timing shapes.")
    rows.sort(key=lambda row: -row[1][-1].ms)
    with paper(style):
        figure = Figure(figsize=size_of(width), layout="constrained")
        axes = figure.add_subplot()
        for i, (record, sizes) in enumerate(rows):
            _draw(axes, record, sizes, i, is_lit(record, highlight))
        for which in ("x", "y"):
            plain_log(axes, which)
        _set_axes(axes, rows)
        _name_lines(axes, rows, highlight, figure.get_figheight() * 72 * 0.72)
        name_table(figure, [r for r, _ in rows], title)
    return figure


def _draw(axes: Axes, record: RunRecord, sizes: Sequence[Size], i: int, lit: bool) -> None:
    """One line; colour and marker together tell 49 apart."""
    colour = PALETTE[i % len(PALETTE)]
    marker = MARKERS[(i + i // len(PALETTE)) % len(MARKERS)]
    ends = [[max(0, s.ms - s.p5) for s in sizes], [max(0, s.p95 - s.ms) for s in sizes]]
    axes.errorbar([s.pixels for s in sizes], [s.ms for s in sizes], yerr=ends, color=colour,
                  marker=marker, markersize=4, linewidth=2 if lit else 1, elinewidth=0.7,
                  capsize=1.5, label=short(record.label))  # fmt: skip


def _set_axes(axes: Axes, rows: Sequence[Line]) -> None:
    """Ticks at the sizes that were timed, in pixels."""
    sizes = sorted({size.pixels for _, timed in rows for size in timed})
    axes.set_xticks(sizes, [f"{pixels / 1000:.3g} K" for pixels in sizes])
    axes.minorticks_off()
    axes.set_xlabel("LR pixels")
    axes.set_ylabel("Runtime [ms]")


def _name_lines(
    axes: Axes, rows: Sequence[Line], highlight: Sequence[str], height: float
) -> None:  # fmt: skip
    """Names at the right edge, slowest on top, pushed apart where they would touch; ``height`` is
    that of the axes in points."""
    names = names_of([record for record, _ in rows])
    low, high = axes.get_ylim()
    axes.set_ylim(low, high)
    last = max(size.pixels for _, timed in rows for size in timed)
    to_axes = axes.transData + axes.transAxes.inverted()
    gap = 7.5 / height
    wanted = [float(to_axes.transform((last, timed[-1].ms))[1]) for _, timed in rows]
    places = _apart(wanted, gap)
    for i, ((record, timed), at, line) in enumerate(zip(rows, places, wanted, strict=True)):
        axes.annotate(
            short(names[record.id]), (timed[-1].pixels, timed[-1].ms), xytext=(1.04, at),
            textcoords="axes fraction", va="center", fontsize=6.5, color=INK,
            fontweight="bold" if is_lit(record, highlight) else "normal", annotation_clip=False,
            arrowprops={"arrowstyle": "-", "linewidth": 0.4, "shrinkA": 0, "shrinkB": 4,
                        "color": PALETTE[i % len(PALETTE)], "relpos": (0, 0.5)}
            if abs(at - line) > gap / 2 or timed[-1].pixels < last else None,
        )  # fmt: skip


def _apart(wanted: Sequence[float], gap: float) -> list[float]:
    """``wanted``, from high to low, moved as little as keeps them ``gap`` apart within 0 to 1."""
    places: list[float] = []
    for value in wanted:
        places.append(min(value, places[-1] - gap) if places else min(value, 1.0))
    lowest = 0.0
    for i in range(len(places) - 1, -1, -1):
        places[i] = max(places[i], lowest)
        lowest = places[i] + gap
    return places
