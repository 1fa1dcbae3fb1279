"""Runtime against LR pixels, one line a row: does time grow with the work?"""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from esrbench.errors import UsageError
from esrbench.protocol.schema import parse_shape
from esrbench.report.figures.points import largest_group, short
from esrbench.report.figures.style import MARKERS, PALETTE, Width, paper, plain_log, size_of
from esrbench.report.figures.trade_off import name_table
from esrbench.results.record import RunRecord, Runtime


def curve(
    records: Sequence[RunRecord],
    *,
    highlight: Sequence[str] = (),
    width: Width = "single",
    title: str | None = None,
) -> Figure:
    """The median at every shape of the largest table of ``records``, both axes logarithmic.

    Raises UsageError when no row was timed at two sizes.
    """
    rows = [(r, _points(r.runtime_by_shape)) for r in largest_group(records)]
    rows = [(r, points) for r, points in rows if len(points) > 1]
    if not rows:
        raise UsageError("No record was timed at two sizes; give the protocol more timing shapes.")
    with paper():
        figure = Figure(figsize=size_of(width), layout="constrained")
        axes = figure.add_subplot()
        for i, (record, points) in enumerate(rows):
            lit = bool({record.label, record.submission} & set(highlight))
            axes.plot([p for p, _ in points], [ms for _, ms in points], markersize=4,
                      marker=MARKERS[i % len(MARKERS)], color=PALETTE[i % len(PALETTE)],
                      linewidth=2 if lit else 1, label=short(record.label))  # fmt: skip
        for which in ("x", "y"):
            plain_log(axes, which)
        _name_sizes(axes, rows)
        axes.set_ylabel("Runtime [ms]")
        axes.legend(ncols=2, loc="upper left", handlelength=1.6)
        name_table(axes, [r for r, _ in rows], title, None)
    return figure


def _points(runs: Sequence[Runtime]) -> list[tuple[int, float]]:
    points = []
    for run in runs:
        try:
            _, _, height, width = parse_shape(run.shape)
        except ValueError:
            continue
        points.append((height * width, run.median))
    return sorted(points)


def _name_sizes(axes: Axes, rows: Sequence[tuple[RunRecord, Sequence[tuple[int, float]]]]) -> None:
    """Ticks at the sizes that were timed, in pixels."""
    sizes = sorted({pixels for _, points in rows for pixels, _ in points})
    axes.set_xticks(sizes, [f"{pixels / 1000:.3g} K" for pixels in sizes])
    axes.minorticks_off()
    axes.set_xlabel("LR pixels")
