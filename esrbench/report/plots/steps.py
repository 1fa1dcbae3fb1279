"""A figure against the step of training, one line a run, its chosen checkpoint marked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter

from esrbench.errors import UsageError, nearest
from esrbench.quantities import metrics
from esrbench.quantities.quantity import Quantity
from esrbench.report.plots.axes import metric_on
from esrbench.report.plots.style import INK, MARKERS, PALETTE, SOFT, Style, Width, paper, size_of
from esrbench.results.record import RunRecord
from esrbench.results.swept import Swept, SweptPoint, is_test_set, point_of

STEP = "step"
"""What ``--x`` calls it."""


def steps(
    records: Sequence[RunRecord],
    *,
    y: str,
    dataset: str | None = None,
    runs: Sequence[str] = (),
    width: Width = "single",
    title: str | None = None,
    style: Style = "sans",
) -> Figure:
    """``y`` on ``dataset`` (or ``psnr_y:Set5``; by default the set a run is chosen by) of every
    checkpoint of ``runs`` (of all by default), and below it by what the marked ones were chosen.

    Raises UsageError where no record is a checkpoint of a run, or none has that figure.
    """
    swept = _newest(records)
    if not swept:
        raise UsageError(
            "No record is a checkpoint of a training run: score some with --as, as in "
            "esrbench score 'runs/*/ckpt_*.pth' --as span --group-by run --no-timing."
        )
    known = list(dict.fromkeys(s.run for _, s in swept))
    for run in runs:
        if run not in known:
            raise UsageError(f"No checkpoint is of the run {run!r}{nearest(run, known)}")
    shown = [(r, s) for r, s in swept if not runs or s.run in runs]
    metric, dataset = _wanted(y, dataset, shown[0][1])
    lines = _lines(shown, metric, dataset)
    if not lines:
        raise UsageError(f"No checkpoint has {metric} on {dataset}.")
    described = metrics.described(metric)
    with paper(style):
        figure = Figure(figsize=size_of(width), layout="constrained")
        axes = figure.add_subplot()
        for i, (label, points) in enumerate(lines.items()):
            _draw(axes, label, points, i, described)
        axes.xaxis.set_major_formatter(EngFormatter(sep=""))
        axes.set_xlabel("Training step")
        axes.set_ylabel(f"{described.with_unit()} on {dataset}")
        if title or title is None:
            axes.set_title(title or f"{described.label} on {dataset} over training")
        axes.legend()
        figure.supxlabel(caption(shown[-1][1]), fontsize=6, color=SOFT)
    return figure


def caption(swept: Swept) -> str:
    """What the marks are, and where the choice makes a figure too good."""
    if swept.choose == "last":
        return "Marked: the last checkpoint of each run."
    by = f"{swept.called} on {swept.dataset}"
    if not is_test_set(swept.dataset):
        return f"Marked: the best checkpoint of each run by {by}."
    return f"Marked: the best of each run by {by}, a test set:\nits figure there is flattered."


Line = list[tuple[int, float, bool]]
"""Step, value, and whether it is the chosen one."""


def _newest(records: Sequence[RunRecord]) -> list[tuple[RunRecord, Swept]]:
    """The newest measurement of each checkpoint, with what it is."""
    found = {}
    for record in sorted(records, key=lambda r: (r.created, r.id)):
        if record.swept is not None and record.status == "ok":
            where = (record.protocol, record.scale, record.device, record.precision)
            found[record.own_label, record.swept.step, where] = (record, record.swept)
    return list(found.values())


def _wanted(y: str, dataset: str | None, swept: Swept) -> tuple[str, str]:
    word, dataset = metric_on(y, dataset)
    return metrics.metric_named(word, "y") or word, dataset or swept.dataset


def _lines(shown: Sequence[tuple[RunRecord, Swept]], metric: str, dataset: str) -> dict[str, Line]:
    several = len({r.submission for r, _ in shown}) > 1
    groups: dict[str, list[tuple[float, SweptPoint]]] = defaultdict(list)
    for record, swept in shown:
        value = record.quality.get(dataset, {}).get(metric)
        point = point_of(swept, record.quality)
        if value is not None and point is not None:
            groups[record.own_label if several else swept.run].append((value, point))
    lines = {}
    for label, points in groups.items():
        best = max(points, key=lambda pair: (pair[1].worth, pair[1].step))[1]
        lines[label] = [(p.step, v, p is best) for v, p in sorted(points, key=lambda x: x[1].step)]
    return lines


def _draw(axes: Axes, label: str, points: Line, i: int, metric: Quantity) -> None:
    """One run; what its marked checkpoint has stands behind its name."""
    colour = PALETTE[i % len(PALETTE)]
    step, value = next((step, value) for step, value, chosen in points if chosen)
    axes.plot(
        [step for step, _, _ in points],
        [value for _, value, _ in points],
        color=colour,
        marker=MARKERS[i % len(MARKERS)],
        markersize=2.5,
        label=f"{label}: {value:.{metric.decimals([value])}f} at {EngFormatter(sep='')(step)}",
    )
    axes.plot([step], [value], "*", color=colour, markersize=9, markeredgecolor=INK,
              markeredgewidth=0.5)  # fmt: skip
