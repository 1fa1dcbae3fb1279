"""The rows a figure shows, in its axes' units."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from esrbench.errors import UsageError, nearest
from esrbench.leaderboard.literature import SUFFIX, is_literature
from esrbench.leaderboard.pareto import pareto_front
from esrbench.leaderboard.table import Table, build_tables
from esrbench.printable import printable
from esrbench.report.plots.axes import Axis, cost_axis
from esrbench.report.plots.left_out import tell_left_out
from esrbench.report.reach import Placed, within_others
from esrbench.results.record import RunRecord

_LINEAR = 8
"""The largest cost over the smallest up to which an axis is linear."""


@dataclass(frozen=True)
class Point:
    """One row of the plot, in the axes' units."""

    name: str
    """As it is written: the title, or the label where two rows share a title."""
    label: str
    x: float
    y: float
    error: tuple[float, float] | None
    size: float
    """Marker area in square points."""
    front: bool
    lit: bool
    ranked: bool = True
    """False for a row that stands apart in the table: it is drawn as a cross."""
    place: int = 0
    """Its rank in the table; 0 where it has none."""
    literature: bool = False
    """As published: it is drawn hollow."""
    mark: str = ""
    """Signs that go with its figures: see ``MARKS``."""


def largest_table(records: Sequence[RunRecord], allowed: Collection[str] = ()) -> Table:
    """The table there are most rows of, of those that did not fail; raises UsageError when there
    are none."""
    tables = build_tables([r for r in records if r.status == "ok"], allowed)
    if not tables:
        raise UsageError("There are no records to plot; `esrbench score` adds one.")
    return max(tables, key=lambda table: len(table.rows))


def largest_group(records: Sequence[RunRecord]) -> list[RunRecord]:
    """The records of :func:`largest_table`, by name."""
    return sorted(largest_table(records).records, key=lambda record: record.label)


def collect(
    table: Table,
    across: Axis,
    up: Axis,
    highlight: Sequence[str],
    bubble: str | None,
    *,
    interpolation: bool,
) -> list[Point]:
    """The rows that have both figures, finite; a cost of 0 only on a linear axis.

    The front is that of the rows the table ranks. Unless ``interpolation``, what has nothing to
    learn is drawn only where the others' range reaches it, and never stretches the axes.
    """
    placed = _placed(table, across, up)
    if not interpolation:
        everyone, placed = placed, within_others(placed)
        gone = {row.record.label for row, *_ in everyone} - {row.record.label for row, *_ in placed}
        tell_left_out(sorted(gone), "Interpolation out of the others' range (see --interpolation)")
    lower = up.column.direction == "lower"
    ranked = [i for i, (row, _, _) in enumerate(placed) if row.rank is not None]
    best = pareto_front([placed[i][1:] for i in ranked], lower_y=lower)
    front = {ranked[i] for i in best} if up.column.direction != "unknown" else set()
    names = names_of(table.records)
    sizes = _sizes([row.record for row, _, _ in placed], bubble)
    return [
        Point(
            names[row.record.id], row.record.label, x, y, ends_of(across, row.record),
            sizes[i], i in front,
            is_lit(row.record, highlight), row.rank is not None, row.rank or 0,
            is_literature(row.record), across.column.mark(row.record) + up.column.mark(row.record),
        )
        for i, (row, x, y) in enumerate(placed)
    ]  # fmt: skip


def _placed(table: Table, across: Axis, up: Axis) -> list[Placed]:
    """Every row with both figures; those without are told."""
    found, lacking, endless, zero = [], [], [], []
    costs = [x for row in table.rows if (x := across.of(row.record)) is not None and x > 0]
    logarithmic = bool(costs) and needs_log(costs)
    for row in table.rows:
        x, y = across.of(row.record), up.of(row.record)
        if None in (across.column.value(row.record), up.column.value(row.record)):
            lacking.append(row.record.label)
        elif x is None or y is None:
            endless.append(row.record.label)
        elif x <= 0 and logarithmic:
            zero.append(row.record.label)
        else:
            found.append((row, x, y))
    tell_left_out(lacking, "Not drawn, without one of the two figures")
    tell_left_out(endless, "Not drawn, with an infinite figure (images identical to HR)")
    tell_left_out(zero, f"Not drawn, with {across.column.label} 0, which a logarithmic axis lacks")
    return sorted(found, key=lambda item: item[0].record.label)


def needs_log(values: Sequence[float]) -> bool:
    """Whether ``values``, all above 0, are spread too far for a linear axis."""
    return max(values) / min(values) > _LINEAR


def names_of(records: Sequence[RunRecord]) -> dict[str, str]:
    """What each is called in a figure, by its record's id: its title where no other has the same,
    else its label; what was published of a system that is measured too says so."""
    titles = [_title(record) for record in records]
    return {
        record.id: title if record.about.title and titles.count(title) == 1 else record.label
        for record, title in zip(records, titles, strict=True)
    }


def _title(record: RunRecord) -> str:
    return f"{record.about.title} ({SUFFIX})" if is_literature(record) else record.about.title


def is_lit(record: RunRecord, highlight: Sequence[str]) -> bool:
    """Whether ``record`` is one of those to bring out, by its label, submission or title."""
    return bool({record.label, record.submission, record.about.title} & set(highlight))


def check_highlight(rows: Sequence[RunRecord], highlight: Sequence[str]) -> None:
    """Raises UsageError for a name that no row of the plot has."""
    known = {name for r in rows for name in (r.label, r.submission, r.about.title)}
    for name in highlight:
        if name not in known:
            raise UsageError(f"The plot has no submission {name!r}{nearest(name, known)}")


def ends_of(across: Axis, record: RunRecord) -> tuple[float, float] | None:
    """The ends of the bar: p5 and p95 of a runtime, the interval of a ratio, the range of a count;
    None where calls of mixed sizes were put together, whose spread is that of the images."""
    timed = record.runtime_ms
    ends = across.column.ends(record)
    if ends is None or (across.column.group == "Runtime" and timed and timed.shape == "mixed"):
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
    """Names longer than a plot can carry are cut."""
    name = printable(name)
    return name if len(name) <= 28 else name[:25] + "…"
