"""Judge side: one ratio from pairs of processes, each of which gave log ratios block by block.

Blocks repeat what two processes do, not what two models do. Where a process's memory lies makes it
faster or slower than the next one of the same model, for as long as it lives, and no number of
blocks takes that away; fresh processes do. Each pair of processes has a centre, which is off by
what its blocks leave open (more where a neighbour was busy beside it) and by what these two
processes differ by. The ratio is the mean of the centres, each weighted by how sure it is. How far
the centres lie apart says whether that was judged rightly; so few say it poorly, and it is pooled
with what is known of the clock beforehand (a moderated t: Smyth 2004, *Statistical Applications in
Genetics and Molecular Biology* 3(1); with weights: Knapp and Hartung 2003, *Statistics in Medicine*
22(17)).

With a single pair of processes there is only what its blocks say, and what is known.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from esrbench.timing.statistics import (
    Centre,
    Interval,
    as_ratio,
    centre_interval,
    chi_square_median,
    student_quantile,
    trimmed_centre,
)

PROCESS_SPREAD = {"perf_counter_ns": 0.007}
"""By the clock of the calls: standard deviation of the log ratio between two processes of a model.

On a CPU, on the safe side of what docs/performance.md shows. Not measured on a GPU."""
PROCESSES_KNOWN = 10
"""What is known counts as much as this many degrees of freedom."""
PROCESS_LEVEL = 0.95
SHARED_FREEDOM = 4
"""Degrees of freedom that the noise of all a comparison's blocks adds to each process's own."""
LEAST_SPREAD = 1e-9
"""No centre is surer than this, so that blocks which agree to the last digit have a weight."""


def over_processes(log_ratios: Sequence[Sequence[float]], clock: str) -> Interval:
    """The ratio and its 95% interval from each pair of processes' log ratios (one at least)."""
    if len(log_ratios) == 1:
        return _of_one(log_ratios[0], clock)
    centres = [trimmed_centre(values) for values in log_ratios]
    return as_ratio(*weighted_mean(np.array([c.value for c in centres]), left_open(centres), clock))


def _of_one(log_ratios: Sequence[float], clock: str) -> Interval:
    centre, low, high = centre_interval(log_ratios)
    spread = PROCESS_SPREAD.get(clock, 0.0)
    reach = student_quantile(PROCESSES_KNOWN, PROCESS_LEVEL) * spread
    return as_ratio(
        centre, centre - math.hypot(centre - low, reach), centre + math.hypot(high - centre, reach)
    )


def left_open(centres: Sequence[Centre]) -> NDArray[np.float64]:
    """The standard error that its blocks leave each centre with.

    A process of few blocks says little of its own noise; each is given the typical one to share.
    That is the median of all, which a process that a neighbour spoilt does not move. 0 where none
    says anything.
    """
    count = np.array([centre.count for centre in centres])
    freedom = np.array([centre.freedom for centre in centres])
    told = freedom > 0
    if not told.any():
        return np.zeros(len(centres))
    noise = np.array([c.error**2 * c.count if c.freedom else 0.0 for c in centres])
    # A chi-square variable's median lies below its mean.
    unbiased = freedom[told] / chi_square_median(freedom[told])
    typical = float(np.median(noise[told] * unbiased))
    shared = (SHARED_FREEDOM * typical + freedom * noise) / (SHARED_FREEDOM + freedom)
    errors: NDArray[np.float64] = np.sqrt(shared / count)
    return errors


def weighted_mean(
    centres: NDArray[np.float64], open_by: NDArray[np.float64], clock: str
) -> tuple[float, float, float]:
    """Mean of two or more centres, low and high, in logarithms.

    ``open_by``: the standard error that its blocks leave each centre with.
    """
    spread = PROCESS_SPREAD.get(clock)
    known = 0 if spread is None else PROCESSES_KNOWN
    variances = open_by**2 + (spread or 0.0) ** 2 + LEAST_SPREAD**2
    weights = 1 / variances
    mean = float((weights * centres).sum() / weights.sum())
    # 1 where the centres lie apart as their variances say.
    apart = float((weights * (centres - mean) ** 2).sum())
    freedom = known + len(centres) - 1
    error = math.sqrt((known + apart) / freedom / weights.sum())
    reach = student_quantile(freedom, PROCESS_LEVEL) * error
    return mean, mean - reach, mean + reach
