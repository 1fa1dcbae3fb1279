"""Judge side: one ratio from pairs of processes, each of which gave log ratios block by block.

Blocks repeat what two processes do, not what two models do. Where a process's memory lies makes it
faster or slower than the next one of the same model, for as long as it lives, and no number of
blocks takes that away; fresh processes do. Each pair of processes has a centre, which is off by
what its few quiet blocks leave open and by what these two processes differ by. The ratio is the
mean of the centres, each weighted by how sure it is. How far the centres lie apart says whether
that was judged rightly; so few say it poorly, and it is pooled with what is known of the clock
beforehand (a moderated t: Smyth 2004, *Statistical Applications in Genetics and Molecular Biology*
3(1); with weights: Knapp and Hartung 2003, *Statistics in Medicine* 22(17)).

With a single pair of processes there is only what its blocks say, and what is known.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from esrbench.timing.statistics import Interval, as_ratio, centre_interval, student_quantile

PROCESS_SPREAD = {"perf_counter_ns": 0.007}
"""By the clock of the calls: standard deviation of the log ratio between two processes of a model.

On a CPU, on the safe side of what docs/performance.md shows. Not measured on a GPU."""
PROCESSES_KNOWN = 10
"""What is known counts as much as this many degrees of freedom."""
PROCESS_LEVEL = 0.95
LEAST_SPREAD = 1e-9
"""No centre is surer than this, so that blocks which agree to the last digit have a weight."""


def over_processes(log_ratios: Sequence[Sequence[float]], clock: str) -> Interval:
    """The ratio and its 95% interval from each pair of processes' log ratios (one at least)."""
    if len(log_ratios) == 1:
        return _of_one(log_ratios[0], clock)
    centres = np.array([centre_interval(values)[0] for values in log_ratios])
    open_by = block_spread(log_ratios) / np.sqrt([len(values) for values in log_ratios])
    return as_ratio(*weighted_mean(centres, open_by, clock))


def _of_one(log_ratios: Sequence[float], clock: str) -> Interval:
    centre, low, high = centre_interval(log_ratios)
    spread = PROCESS_SPREAD.get(clock, 0.0)
    reach = student_quantile(PROCESSES_KNOWN, PROCESS_LEVEL) * spread
    return as_ratio(
        centre, centre - math.hypot(centre - low, reach), centre + math.hypot(high - centre, reach)
    )


def block_spread(log_ratios: Sequence[Sequence[float]]) -> float:
    """Standard deviation of one pair of blocks about the centre of its processes, in logarithms.

    From the width of the signed-rank interval, which a few disturbed blocks do not move much.
    """
    rest = []
    for values in log_ratios:
        centre = centre_interval(values)[0]
        rest += [value - centre for value in values]
    _, low, high = centre_interval(rest, PROCESS_LEVEL)
    count = len(rest)
    error = (high - low) / 2 / student_quantile(count - 1, PROCESS_LEVEL)
    # Each centre was taken from the values themselves, which leaves their rest too small.
    freedom = count / max(1, count - len(log_ratios))
    return error * math.sqrt(count * freedom)


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
