"""From images' figures to a set's."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from esrbench.metrics.psnr import pooled
from esrbench.metrics.registry import METRICS


def mean_over_images(
    scores: Sequence[Mapping[str, float | None]], pixels: Sequence[int] | None = None
) -> tuple[dict[str, float | None], dict[str, int]]:
    """The mean of each metric over a set, and how many of its images were infinite.

    The mean is over the finite values (an SR image identical to HR has an infinite PSNR, which the
    count tells); it is infinite where all are. It is None where any image has no value: the mean of
    a part of a set is another figure. Metrics that are never infinite here have no count.

    Rows with ``pooled`` are taken over all pixels instead, identical images included; they need
    ``pixels``, each image's number of pixels inside the crop border, and are None without.
    """
    means: dict[str, float | None] = {}
    infinite: dict[str, int] = {}
    keys = dict.fromkeys(key for score in scores for key in score)
    for key in keys:
        values = [v for v in (score.get(key) for score in scores) if v is not None]
        if len(values) < len(scores):
            means[key] = None
            continue
        count = sum(math.isinf(v) for v in values)
        if count:
            infinite[key] = count
        row = METRICS.get(key)
        if row is not None and row.pooled:
            means[key] = None if pixels is None else pooled(values, pixels)
        else:
            means[key] = _mean([v for v in values if not math.isinf(v)])
    return means, infinite


def _mean(finite: Sequence[float]) -> float:
    return math.fsum(finite) / len(finite) if finite else math.inf
