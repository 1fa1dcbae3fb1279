"""Judge side: from pairs of blocks to log ratios, with as little of the neighbours as can be.

**One block.** What disturbs a call (a neighbour, an interrupt, a descheduled thread) only ever adds
to it, and on a shared machine it may reach most calls of a block. A block is therefore taken at the
lower quartile of its calls: it stands while a quarter of them are undisturbed, where the median
needs half. Lower quantiles gain a little more, but a model that is fast only now and then could
hide behind them. The median and the percentiles over all calls are shown beside it.

**Which pairs.** A pair with a disturbed block says little. Pairs are chosen by the *product* of
their two times: it rises when either block is disturbed, and is the same when the two change
places, so that choosing by it cannot favour a side, and what is symmetric stays so. At most half
are left out, few while all are alike.

A block of one or two calls cannot be taken at its quartile; where a model is so slow that its
blocks are, and the baseline's are not, the ratio comes out larger by part of the calls' spread.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BLOCK_QUANTILE = 0.25
LEAST_SHARE = 0.5
LEAST_PAIRS = 8
"""As many pairs are kept, at least, where there are so many."""
LEAST_OF_A_PROCESS = 2
REACH = 2.0
"""A pair is disturbed when its product lies this many times as far above the lower quartile of
the products as that lies above the smallest (in logarithms)."""


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


def quiet_pairs(log_products: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which pairs to keep, by the logarithms of their products."""
    ordered = np.sort(log_products)
    least = max(min(LEAST_PAIRS, len(ordered)), int(np.ceil(LEAST_SHARE * len(ordered))))
    quartile = np.percentile(ordered, 25)
    limit = max(quartile + REACH * (quartile - ordered[0]), ordered[least - 1])
    kept: NDArray[np.bool_] = log_products <= limit
    return kept


@dataclass(frozen=True)
class LogPairs:
    """Pairs of blocks in order, each block by :func:`block_ms`."""

    ratios: NDArray[np.float64]
    """``log(a / b)``."""
    products: NDArray[np.float64]
    """``log(a * b)``."""

    def quiet(self) -> list[float]:
        """The ratios of the quiet pairs."""
        kept: list[float] = self.ratios[quiet_pairs(self.products)].tolist()
        return kept


def log_pairs(a: Sequence[Sequence[float]], b: Sequence[Sequence[float]]) -> LogPairs:
    """From the calls of each block of both sides, milliseconds, paired by position.

    Raises ValueError when the counts differ or there are none.
    """
    if len(a) != len(b) or not a:
        raise ValueError(f"{len(a)} blocks cannot be paired with {len(b)}")
    log_a = np.log([block_ms(block) for block in a])
    log_b = np.log([block_ms(block) for block in b])
    return LogPairs(log_a - log_b, log_a + log_b)


def quiet_of_all(processes: Sequence[LogPairs]) -> list[list[float]]:
    """The ratios of the quiet pairs among those of several pairs of processes of two models.

    A neighbour may come while one of them runs: all pairs are held against all. Processes that are
    left with less than :data:`LEAST_OF_A_PROCESS` are left out altogether.
    """
    kept = quiet_pairs(np.concatenate([pairs.products for pairs in processes]))
    ends = np.cumsum([len(pairs.products) for pairs in processes])
    quiet = [
        pairs.ratios[mine].tolist()
        for pairs, mine in zip(processes, np.split(kept, ends[:-1]), strict=True)
    ]
    enough = [ratios for ratios in quiet if len(ratios) >= LEAST_OF_A_PROCESS]
    return enough or [max(quiet, key=len)]
