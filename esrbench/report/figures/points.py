"""The rows a figure shows, in its axes' units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from esrbench.errors import UsageError, nearest
from esrbench.leaderboard.comparable import comparable_groups
from esrbench.leaderboard.pareto import pareto_front
from esrbench.report.figures.axes import Axis, cost_axis
from esrbench.results.record import RunRecord


@dataclass(frozen=True)
class Point:
    """One row of the plot, in the axes' units."""

    name: str
    x: float
    y: float
    error: tuple[float, float] | None
    size: float
    """Marker area in square points."""
    front: bool
    lit: bool


def largest_group(records: Sequence[RunRecord]) -> list[RunRecord]:
    """The comparable records there are most of; raises UsageError when there are none."""
    groups = comparable_groups(r for r in records if r.status == "ok")
    if not groups:
        raise UsageError("There are no records to plot; `esrbench score` adds one.")
    return list(max(groups, key=lambda g: len(g.records)).records)


def collect(
    rows: Sequence[RunRecord], across: Axis, up: Axis, highlight: Sequence[str], bubble: str | None
) -> list[Point]:
    """The rows that have both figures, finite and of a cost above 0."""
    placed = [
        (r, a, b)
        for r in rows
        if (a := across.of(r)) is not None and (b := up.of(r)) is not None and a > 0
    ]
    lower = up.column.direction == "lower"
    front = set(pareto_front([(a, b) for _, a, b in placed], lower_y=lower))
    sizes = _sizes([r for r, _, _ in placed], bubble)
    return [
        Point(
            r.label, a, b, ends_of(across, r), sizes[i], i in front,
            is_lit(r, highlight),
        )
        for i, (r, a, b) in enumerate(placed)
    ]  # fmt: skip


def is_lit(record: RunRecord, highlight: Sequence[str]) -> bool:
    """Whether ``record`` is one of those to bring out, by its label or its submission."""
    return record.label in highlight or record.submission in highlight


def check_highlight(rows: Sequence[RunRecord], highlight: Sequence[str]) -> None:
    """Raises UsageError for a name that no row of the plot has."""
    known = {name for r in rows for name in (r.label, r.submission)}
    for name in highlight:
        if name not in known:
            raise UsageError(f"The plot has no submission {name!r}{nearest(name, known)}")


def ends_of(across: Axis, record: RunRecord) -> tuple[float, float] | None:
    """The ends of the bar: p5 and p95 of a runtime, the interval of a ratio; None where calls of
    mixed sizes were put together, whose spread is that of the images."""
    timed = record.runtime_ms
    ends = across.column.ends(record)
    if ends is None or timed is None or timed.shape == "mixed":
        return None
    return (ends[0] / across.column.divisor, ends[1] / across.column.divisor)


def area_of(value: float, largest: float) -> float:
    """A marker's area in square points, in proportion to what it shows, never too small to see."""
    return 14 + 220 * value / largest


def bubble_scale(rows: Sequence[RunRecord], bubble: str) -> tuple[Axis, float]:
    """What the areas show, and the largest of it among ``rows``."""
    axis = cost_axis(bubble, rows)
    return axis, max((axis.of(r) or 0.0 for r in rows), default=0.0) or 1.0


def _sizes(rows: Sequence[RunRecord], bubble: str | None) -> list[float]:
    if bubble is None:
        return [22.0] * len(rows)
    axis, largest = bubble_scale(rows, bubble)
    return [area_of(axis.of(r) or 0.0, largest) for r in rows]


def short(name: str) -> str:
    """Names longer than a plot can carry are cut; ``$`` would start a formula."""
    cut = name if len(name) <= 28 else name[:25] + "…"
    return cut.replace("$", r"\$")
