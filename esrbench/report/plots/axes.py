"""What may stand on an axis, by the words a person types."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from esrbench.errors import UsageError, nearest
from esrbench.leaderboard.columns import (
    Column,
    cost_column,
    headed,
    quality_column,
)
from esrbench.protocol.recorded import recorded
from esrbench.quantities import costs, metrics
from esrbench.results.record import RunRecord


@dataclass(frozen=True)
class Axis:
    """One quantity and its words."""

    column: Column
    label: str

    def of(self, record: RunRecord) -> float | None:
        """The value in the axis's unit; None where it is missing or infinite."""
        value = self.column.value(record)
        if value is None or not math.isfinite(value):
            return None
        return value / self.column.divisor


def cost_axis(word: str, records: Sequence[RunRecord]) -> Axis:
    """The axis of a cost by its key or nickname; raises UsageError for another word."""
    cost = costs.cost_named(word)
    if cost is None:
        raise UsageError(f"There is no cost {word!r}{nearest(word, costs.words())}")
    column = headed(cost_column(cost), records)
    name = cost.nicknames.get(word) or column.label
    if cost.group == "Runtime" and cost.unit:
        name += _at_size({r.runtime_ms.shape for r in records if r.runtime_ms})
    return Axis(replace(column, label=name), column.with_unit(name))


def _at_size(shapes: set[str]) -> str:
    """`` at 256×256`` where all were timed at one size."""
    only = shapes.pop() if len(shapes) == 1 else ""
    if only == "mixed":
        return " over images"
    return f" at {only.replace('x', '×')}" if only else ""


def metric_on(word: str, dataset: str | None) -> tuple[str, str | None]:
    """The metric and the dataset of ``psnr_y:Set5``, or of ``psnr_y`` and ``dataset``.

    Raises UsageError where both name one and they differ.
    """
    metric, _, named = word.partition(":")
    if named and dataset and named != dataset:
        raise UsageError(f"{word} and --dataset {dataset} name two datasets; give one.")
    return metric, named or dataset


def quality_axis(word: str, dataset: str | None, records: Sequence[RunRecord]) -> Axis:
    """The axis of a metric on ``dataset``; None takes the one the protocol ranks by, else the
    first that has values. ``psnr`` and ``ssim`` mean the protocol's own colour, and ``psnr:Set5``
    names its dataset itself."""
    word, dataset = metric_on(word, dataset)
    protocol = recorded(records[0].protocol_spec if records else {})
    seen = {key for r in records for q in r.quality.values() for key in q}
    metric = word if word in seen else metrics.metric_named(word, protocol.colour)
    if metric is None:
        raise UsageError(f"There is no metric {word!r}{nearest(word, metrics.words())}")
    scored = list(dict.fromkeys(d for r in records for d in r.quality))
    if dataset is None:
        wanted = [protocol.ranked_on, *protocol.datasets]
        dataset = next((d for d in wanted if d in scored), scored[0] if scored else "")
    elif dataset not in scored:
        raise UsageError(f"No record has values on {dataset!r}{nearest(dataset, scored)}")
    column = quality_column(dataset, metric)
    return Axis(column, column.with_unit())
