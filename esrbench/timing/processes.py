"""Judge side: one ratio from pairs of processes, each of which gave log ratios block by block.

Blocks repeat what two processes do, not what two models do. Where a process's memory lies makes it
faster or slower than the next one of the same model, for as long as it lives, and no number of
blocks takes that away; fresh processes do. So the interval has two parts, which are independent:

- of the blocks: what is left of the log ratios when each pair of processes is taken at its centre;
- of the processes: Student's t over the centres, their variance being what these few show pooled
  with what is known of the clock beforehand (a moderated t: Smyth 2004, *Statistical Applications
  in Genetics and Molecular Biology* 3(1)). With one pair of processes, only what is known.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from esrbench.timing.statistics import Interval, as_ratio, centre_interval, student_quantile

PROCESS_SPREAD = {"perf_counter_ns": 0.006}
"""By the clock of the calls: standard deviation of the log ratio between two processes of a model.

On a CPU; docs/performance.md has what was seen on quiet and busy hosts. What a comparison's own
processes show counts beside it. Not measured on a GPU yet."""
PROCESSES_KNOWN = 10
"""What is known counts as much as this many degrees of freedom."""
PROCESS_LEVEL = 0.95


def over_processes(log_ratios: Sequence[Sequence[float]], clock: str) -> Interval:
    """The ratio and its 95% interval from each pair of processes' log ratios (one at least).

    Every pair counts alike, however many blocks it had time for.
    """
    centres = np.array([centre_interval(values)[0] for values in log_ratios])
    down, up = blocks_reach(log_ratios)
    reach = process_reach(centres, clock)
    centre = float(centres.mean())
    return as_ratio(centre, centre - math.hypot(down, reach), centre + math.hypot(up, reach))


def blocks_reach(log_ratios: Sequence[Sequence[float]]) -> tuple[float, float]:
    """The blocks' part of the interval, in logarithms: how far down and up it reaches."""
    if len(log_ratios) == 1:
        middle, low, high = centre_interval(log_ratios[0])
        return middle - low, high - middle
    rest = []
    for values in log_ratios:
        centre = centre_interval(values)[0]
        rest += [value - centre for value in values]
    middle, low, high = centre_interval(rest)
    more = _more_than_pooled([len(values) for values in log_ratios])
    return more * (middle - low), more * (high - middle)


def _more_than_pooled(counts: Sequence[int]) -> float:
    """By what factor the mean of centres is less sure than the pooled rest of the values says.

    Each centre was taken from the values themselves, which leaves their rest too small; and a
    process that counts alike with fewer values makes the mean less sure.
    """
    total, processes = sum(counts), len(counts)
    freedom = total / max(1, total - processes)
    uneven = total / processes**2 * sum(1 / n for n in counts)
    return math.sqrt(freedom * uneven)


def process_reach(centres: np.ndarray, clock: str) -> float:
    """Half the width, in logarithms, of the processes' part of the interval."""
    spread = PROCESS_SPREAD.get(clock)
    known = 0 if spread is None else PROCESSES_KNOWN
    freedom = known + len(centres) - 1
    if freedom == 0:
        return 0.0
    squares = known * (spread or 0.0) ** 2 + float(((centres - centres.mean()) ** 2).sum())
    error = math.sqrt(squares / freedom / len(centres))
    return student_quantile(freedom, PROCESS_LEVEL) * error
