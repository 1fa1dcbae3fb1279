"""The per-image tables of a submission's page, written straight as HTML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from markupsafe import Markup, escape

from esrbench.leaderboard.columns import METRICS, quality_column
from esrbench.report.numbers import fixed
from esrbench.results.record import ImageScore, RunRecord


def per_image_tables(record: RunRecord) -> list[tuple[str, Markup]]:
    """``(dataset, table)`` for each data set that was scored image by image."""
    return [
        (dataset, Markup(_table(record, dataset, scores)))
        for dataset, scores in record.images.items()
        if scores
    ]


def _table(record: RunRecord, dataset: str, scores: Sequence[ImageScore]) -> str:
    seen = {metric for score in scores for metric in score.values}
    metrics = [m for m in METRICS if m in seen] + sorted(seen - set(METRICS))
    timed = any(score.forward_ms is not None for score in scores)
    sized = any(min(score.lr_size) > 0 for score in scores)
    digits = {m: METRICS.get(m, ("", "", 4, "", ""))[2] for m in metrics}
    head = "".join(_head(record, dataset, m) for m in metrics)
    lines = [
        f'<table class="images sortable"><caption>{escape(dataset)}, {len(scores)} images</caption>'
        f"<thead><tr><th scope=col>Image{'<th scope=col>LR size' if sized else ''}{head}"
        f"{'<th scope=col>Forward <span class=unit>ms</span>' if timed else ''}"
        "<tbody>"
    ]
    marks = _marks(metrics, scores)
    for score in scores:
        notes = "".join(f"<small>{escape(note)}</small>" for note in score.notes)
        cells = [f"<tr><th scope=row>{escape(score.name)}{notes}"]
        if sized:
            height, width = score.lr_size
            cells.append(f"<td>{width}×{height}" if height else "<td>")
        values = score.values
        cells += [_cell(values.get(m), digits[m], marks[m]) for m in metrics]
        if timed:
            cells.append(f"<td>{fixed(score.forward_ms, 1)}")
        lines.append("".join(cells))
    means = record.quality.get(dataset, {})
    lines.append("<tfoot><tr><th scope=row>Mean" + ("<td>" if sized else ""))
    lines += [f"<td>{_mean(means.get(m), digits[m])}" for m in metrics]
    return "\n".join(lines) + ("<td>" if timed else "") + "</table>"


def _mean(value: float | None, digits: int) -> str:
    return fixed(None if value is None or value != value else value, digits)


def _head(record: RunRecord, dataset: str, metric: str) -> str:
    column = quality_column(dataset, metric)
    unit = f" <span class=unit>{column.unit}</span>" if column.unit else ""
    signature = escape(record.signatures.get(metric, ""))
    return f'<th scope=col title="{signature}">{escape(column.heading)}{unit}'


def _cell(value: float | None, digits: int, marks: Mapping[float, str]) -> str:
    """One figure; written for speed, since there may be millions."""
    if value is None or value != value:
        return "<td>"
    text = f"{value:.{digits}f}" if 0 <= value < 1000 else fixed(value, digits)
    return f"<td{marks[value]}>{text}" if value in marks else "<td>" + text


def _marks(metrics: Sequence[str], scores: Sequence[ImageScore]) -> dict[str, dict[float, str]]:
    """For each metric the class of its best and of its worst value, where they differ."""
    marks: dict[str, dict[float, str]] = {}
    for m in metrics:
        values = [v for s in scores if (v := s.values.get(m)) is not None and v == v]
        direction = METRICS.get(m, ("", "", 4, "", ""))[3]
        marks[m] = {}
        if len(values) > 1 and min(values) != max(values) and direction:
            low, high = min(values), max(values)
            best, worst = (low, high) if direction == "lower" else (high, low)
            marks[m] = {best: ' class="best"', worst: ' class="worst"'}
    return marks
