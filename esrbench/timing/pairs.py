"""Judge side: from pairs of blocks to log ratios.

**One block.** What disturbs a call (a neighbour, an interrupt, a descheduled thread) only ever adds
to it, and on a shared machine it may reach most calls of a block. A block is therefore taken at the
lower quartile of its calls: it stands while a quarter of them are undisturbed, where the median
needs half. Lower quantiles gain a little more, but a model that is fast only now and then could
hide behind them. The median and the percentiles over all calls are shown beside it.

**Few calls.** Two calls have no quartile, and one has not even a lesser; where both blocks of a
pair have as few, what is left of the neighbours hits both sides alike. A model so slow that its
blocks have a call or two, against one whose blocks have many, comes out slower by part of the
calls' spread.

**All pairs.** None is left out for having been disturbed: pairs that met a neighbour alike say as
much as others, and those that did not are cut off with the ends (``timing.statistics``).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

BLOCK_QUANTILE = 0.25


def block_ms(call_ms: Sequence[float]) -> float:
    """What one block is taken at: the lower quartile of its calls (one at least).

    By the estimate that is unbiased for the median (Hyndman and Fan, 1996, definition 8), since
    two blocks of a pair need not have the same number of calls. As NumPy's ``median_unbiased``,
    which for a block's few calls takes dozens of times as long.
    """
    ordered = sorted(call_ms)
    place = (len(ordered) + 1 / 3) * BLOCK_QUANTILE + 1 / 3 - 1
    place = min(max(place, 0.0), len(ordered) - 1.0)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def log_ratios(a: Sequence[Sequence[float]], b: Sequence[Sequence[float]]) -> list[float]:
    """``log(a / b)`` of each pair, from the calls of each block of both sides, milliseconds.

    Blocks are paired by position and taken at :func:`block_ms`. Raises ValueError when the counts
    differ or there are none.
    """
    if len(a) != len(b) or not a:
        raise ValueError(f"{len(a)} blocks cannot be paired with {len(b)}")
    log_a, log_b = (np.log([block_ms(block) for block in side]) for side in (a, b))
    ratios: list[float] = (log_a - log_b).tolist()
    return ratios
