"""How sure a mean is that chance has a hand in: of several passes, or of several counts."""

from __future__ import annotations

import math
from collections.abc import Sequence

from esrbench.results.record import RunRecord
from esrbench.timing.statistics import student_quantile

_LEVEL = 0.95


def half_width(values: Sequence[float]) -> float:
    """Half of Student's 95% interval of the mean of ``values``; 0 where these are fewer than two or
    all alike."""
    count = len(values)
    if count < 2 or min(values) == max(values):
        return 0.0
    mean = math.fsum(values) / count
    variance = math.fsum((value - mean) ** 2 for value in values) / (count - 1)
    return student_quantile(count - 1, _LEVEL) * math.sqrt(variance / count)


def of_quality(record: RunRecord, dataset: str, metric: str) -> float:
    """Of the mean over passes of a network that does not always answer the same; else 0."""
    passes = record.chance.passes.get(dataset, []) if record.chance else []
    values = [known for one in passes if (known := one.get(metric)) is not None]
    return half_width(values) if len(values) == len(passes) else 0.0


def of_count(record: RunRecord, key: str) -> float:
    """Of the mean over draws of a network whose cost chance decides; else 0.

    Where the image decides, the mean over a dataset's images is no matter of chance.
    """
    spread = record.count_spread
    if spread is None or spread.over != "draws" or key not in ("macs", "activations", "convs"):
        return 0.0
    return half_width([float(counts[key]) for counts in spread.by_input.values()])
