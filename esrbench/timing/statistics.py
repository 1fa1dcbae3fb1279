"""Judge side: what raw times say, and how sure that is. NumPy and SciPy only.

**The interval.** One pair of blocks gives one log ratio (``timing.pairs``). On a shared machine
these are a mixture: most pairs were left alone or met a neighbour alike, the others, which a burst
began or ended in, lie far apart. Over the pairs stands their trimmed mean with Student's t from the
Winsorized values (Tukey and McLaughlin 1963, *Sankhya* A 25(3)), which such pairs cannot move. Few
pairs cannot be trimmed: below :data:`LEAST_TO_TRIM` it is the Hodges-Lehmann estimate with the
interval of Wilcoxon's signed-rank test (Hollander and Wolfe, *Nonparametric Statistical Methods*,
3.2-3.3). Under A B B A a pair's ratio is symmetric about the true one, drift included, and for
symmetric values that interval's coverage is exact at every count and however heavy the tails. A
bootstrap of eight pairs, in contrast, calls a model slower than itself about once in eight.

**Two processes.** Blocks repeat what two processes do, not what two models do. The interval that
is shown and judged by allows for it (``timing.processes``); the one that decides when to stop does
not, since more blocks would not narrow it.

**Looking more than once.** The run looks at its interval several times and stops at the first that
is narrow enough, which favours looks that are narrow by luck. Each look therefore uses
:data:`LOOK_LEVEL`, above the 95% that is claimed; ``tests/timing/test_coverage.py`` simulates the
whole procedure and holds the claim.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

LOOK_LEVEL = 0.98
"""Level of the interval at each look, so that the one a run stops with holds 95%."""
TRIM = 0.3
"""Of the values, left out at either end: so many may lie far off without moving the rest much."""
LEAST_KEPT = 4
"""Values that trimming leaves, where there are so many."""
LEAST_TO_TRIM = 16
"""With fewer values the few that trimming leaves say too little of their own spread."""
LEAST_FOR_RANKS = 6
"""With fewer values no signed-rank interval reaches 95%; Student's t is used instead."""


@dataclass(frozen=True)
class Interval:
    """A ratio, or a time, and its confidence interval."""

    value: float
    low: float
    high: float

    @property
    def half_width(self) -> float:
        """Relative: half of ``high - low`` over ``value``."""
        return (self.high - self.low) / (2 * self.value)

    def holds(self, value: float) -> bool:
        """Whether ``value`` is inside, ends included."""
        return self.low <= value <= self.high


@dataclass(frozen=True)
class Summary:
    """Plain statistics of call times, milliseconds."""

    median: float
    mean: float
    p5: float
    p95: float
    min: float
    max: float
    calls: int


def summarise(call_ms: Sequence[float]) -> Summary:
    """Statistics of at least one call; percentiles interpolate linearly (NumPy's default)."""
    times = np.asarray(call_ms, dtype=np.float64)
    p5, median, p95 = np.percentile(times, [5, 50, 95])
    return Summary(
        median=float(median),
        mean=float(times.mean()),
        p5=float(p5),
        p95=float(p95),
        min=float(times.min()),
        max=float(times.max()),
        calls=len(times),
    )


@lru_cache(maxsize=512)
def _signed_rank_cut(count: int, level: float) -> int:
    """Which Walsh average, counted from either end, bounds an interval of at least ``level``.

    0 where none does. Exact, from the distribution of Wilcoxon's statistic: each rank 1..count is
    in the sum or not, with equal chance.
    """
    chances = np.zeros(count * (count + 1) // 2 + 1)
    chances[0] = 1.0
    for rank in range(1, count + 1):
        chances[rank:] = (chances[rank:] + chances[:-rank]) / 2
        chances[:rank] /= 2
    below = np.cumsum(chances)
    return int(np.searchsorted(below, (1 - level) / 2, side="right"))


def student_quantile(freedom: int, level: float) -> float:
    """How many standard errors Student's t interval of ``level`` reaches to either side."""
    from scipy.special import stdtrit

    return float(stdtrit(freedom, (1 + level) / 2))


def chi_square_median(freedom: NDArray[np.int_]) -> NDArray[np.float64]:
    """The median of a chi-square variable, for each of ``freedom`` (1 at least)."""
    from scipy.special import chdtri

    medians: NDArray[np.float64] = chdtri(freedom, 0.5)
    return medians


def _student(values: np.ndarray, level: float) -> tuple[float, float, float]:
    """Mean and Student's t interval; the interval is infinite for a single value."""
    centre = float(values.mean())
    if len(values) < 2:
        return centre, -math.inf, math.inf
    error = float(values.std(ddof=1)) / math.sqrt(len(values))
    reach = student_quantile(len(values) - 1, level) * error
    return centre, centre - reach, centre + reach


@dataclass(frozen=True)
class Centre:
    """A trimmed mean."""

    value: float
    error: float
    """Its standard error; nan where a single value is left."""
    freedom: int
    """Degrees of freedom of ``error``."""
    count: int
    """Of the values, those cut off included."""


def trimmed_centre(values: Sequence[float]) -> Centre:
    """The mean of ``values`` (at least one) less :data:`TRIM` of them at either end."""
    x = np.sort(np.asarray(values, dtype=np.float64))
    cut = max(0, min(int(TRIM * len(x)), (len(x) - LEAST_KEPT) // 2))
    kept = x[cut : len(x) - cut]
    freedom = len(kept) - 1
    if freedom < 1:
        return Centre(float(kept.mean()), math.nan, 0, len(x))
    winsorized = np.clip(x, kept[0], kept[-1])
    squares = float(((winsorized - winsorized.mean()) ** 2).sum())
    return Centre(float(kept.mean()), math.sqrt(squares / (freedom * len(kept))), freedom, len(x))


def centre_interval(
    values: Sequence[float], level: float = LOOK_LEVEL
) -> tuple[float, float, float]:
    """Estimate, low and high of the centre of symmetric ``values`` (at least one).

    The trimmed mean from :data:`LEAST_TO_TRIM` values on; Hodges-Lehmann with the signed-rank
    interval from :data:`LEAST_FOR_RANKS` on (more when ``level`` asks for it); the mean with
    Student's t below.
    """
    x = np.asarray(values, dtype=np.float64)
    if len(x) >= LEAST_TO_TRIM:
        centre = trimmed_centre(values)
        reach = student_quantile(centre.freedom, level) * centre.error
        return centre.value, centre.value - reach, centre.value + reach
    cut = _signed_rank_cut(len(x), level)
    if len(x) < LEAST_FOR_RANKS or cut < 1:
        return _student(x, level)
    rows, columns = np.triu_indices(len(x))
    walsh = np.sort((x[rows] + x[columns]) / 2)
    return float(np.median(walsh)), float(walsh[cut - 1]), float(walsh[-cut])


def as_ratio(centre: float, low: float, high: float) -> Interval:
    """An interval of logarithms as one of ratios."""
    return Interval(math.exp(centre), math.exp(low), math.exp(high) if high < 700 else math.inf)


def ratio_interval(log_values: Sequence[float], level: float = LOOK_LEVEL) -> Interval:
    """The paired ratio and its interval from log ratios."""
    return as_ratio(*centre_interval(log_values, level))


def median_interval(blocks: Sequence[Sequence[float]], level: float = LOOK_LEVEL) -> Interval:
    """Milliseconds of a lane by itself: the centre of its blocks' medians, with its interval."""
    return ratio_interval([math.log(np.median(block)) for block in blocks], level)


class Verdict(str, Enum):
    """What a comparison says of its first model."""

    FASTER = "FASTER"
    SLOWER = "SLOWER"
    TIE = "TIE"
    """The interval holds 1 and is narrow."""
    UNSTABLE = "UNSTABLE"
    """The interval holds 1 only because it is wide: this machine could not tell."""


TIE_WIDTH = 2.0
"""A tie's interval may be this many times wider than the one aimed for."""


def verdict(ratio: Interval, target_interval: float) -> Verdict:
    """Judge a ratio (first over second; below 1 is faster) by its interval.

    ``target_interval`` is the relative half width the run aimed for.
    """
    if ratio.high < 1:
        return Verdict.FASTER
    if ratio.low > 1:
        return Verdict.SLOWER
    return Verdict.TIE if ratio.half_width <= TIE_WIDTH * target_interval else Verdict.UNSTABLE
