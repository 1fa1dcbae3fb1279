"""The per-image tables of a submission's page, written straight as HTML."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from esrbench.number_of import number_of
from esrbench.quantities.metrics import described, in_order
from esrbench.report.numbers import fixed
from esrbench.report.words import escape
from esrbench.results.record import ImageScore, RunRecord


def per_image_tables(record: RunRecord) -> list[tuple[str, Markup]]:
    """``(dataset, table)`` for each data set that was scored image by image."""
    return [
        (dataset, Markup(_table(record, dataset, scores)))
        for dataset, scores in record.images.items()
        if scores
    ]


def _table(record: RunRecord, dataset: str, scores: Sequence[ImageScore]) -> str:
    metrics = in_order(metric for score in scores for metric in score.values)
    timed = any(score.forward_ms is not None for score in scores)
    sized = any(min(score.lr_size) > 0 for score in scores)
    digits = {m: described(m).digits for m in metrics}
    head = "".join(_head(record, m) for m in metrics)
    columns = [[_name(score) for score in scores]]
    if sized:
        columns.append([_size(score.lr_size) for score in scores])
    columns += [_cells(m, digits[m], scores) for m in metrics]
    if timed:
        columns.append([f"<td>{fixed(score.forward_ms, 1)}" for score in scores])
    means = record.quality.get(dataset, {})
    count = number_of(len(scores), "image")
    foot = "".join(f"<td>{_mean(means.get(m), digits[m])}" for m in metrics)
    return (
        f'<table class="images sortable" data-set="{escape(dataset)}">'
        f"<caption>{escape(dataset)}, {count}</caption>"
        f"<thead><tr><th scope=col>Image{'<th scope=col>LR size' if sized else ''}{head}"
        f"{'<th scope=col>Forward <span class=unit>ms</span>' if timed else ''}\n<tbody>\n"
        + "\n".join(map("".join, zip(*columns, strict=True)))
        + f"\n<tfoot><tr><th scope=row>Mean{'<td>' if sized else ''}{foot}"
        f"{'<td>' if timed else ''}</table>"
    )


def _name(score: ImageScore) -> str:
    notes = "".join(f"<small>{escape(note)}</small>" for note in score.notes)
    return f"<tr><th scope=row>{escape(score.name)}{notes}"


def _size(lr_size: tuple[int, int]) -> str:
    height, width = lr_size
    return f"<td>{width}×{height}" if height else "<td>"


def _mean(value: float | None, digits: int) -> str:
    return fixed(None if value is None or value != value else value, digits)


def _head(record: RunRecord, metric: str) -> str:
    quantity = described(metric)
    unit = f" <span class=unit>{quantity.unit}</span>" if quantity.unit else ""
    signature = escape(record.signatures.get(metric, ""))
    what = f'data-m="{escape(metric)}" data-d={quantity.digits} data-w={quantity.direction}'
    return f'<th scope=col {what} title="{signature}">{escape(quantity.heading)}{unit}'


def _cells(metric: str, digits: int, scores: Sequence[ImageScore]) -> list[str]:
    """A metric's cells, the best and the worst marked where they differ; a column at a time, for
    there may be millions."""
    values = [score.values.get(metric) for score in scores]
    pattern = f"<td>%.{digits}f"
    cells = [
        pattern % v if v is not None and 0 <= v < 1000 else f"<td>{_mean(v, digits)}"
        for v in values
    ]
    present = [v for v in values if v is not None and v == v]
    direction = described(metric).direction
    if direction != "unknown" and present and min(present) != max(present):
        low, high = min(present), max(present)
        best, worst = (low, high) if direction == "lower" else (high, low)
        for i, v in enumerate(values):
            if v in (best, worst):
                kind = "best" if v == best else "worst"
                cells[i] = f'<td class="{kind}">' + cells[i].removeprefix("<td>")
    return cells
