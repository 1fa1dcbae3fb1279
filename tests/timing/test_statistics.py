"""Numbers from tables of Wilcoxon's signed-rank statistic, from SciPy, and by hand."""

import math

import numpy as np
import pytest
from scipy.stats import trim_mean
from scipy.stats.mstats import trimmed_mean_ci

from esrbench.timing.statistics import (
    Centre,
    Interval,
    Verdict,
    _signed_rank_cut,
    centre_interval,
    median_interval,
    ratio_interval,
    summarise,
    trimmed_centre,
    verdict,
)


@pytest.mark.parametrize(
    ("count", "level", "critical"),
    # Largest w with P(W <= w) <= (1 - level) / 2: table A.4 of Hollander and Wolfe, and any other.
    [
        (6, 0.95, 0),
        (7, 0.95, 2),
        (8, 0.95, 3),
        (10, 0.95, 8),
        (12, 0.95, 13),
        (20, 0.95, 52),
        (25, 0.95, 89),
        (8, 0.99, 0),
        (10, 0.99, 3),
        (15, 0.99, 15),
    ],
)
def test_critical_values_are_those_of_the_tables(count, level, critical):
    assert _signed_rank_cut(count, level) == critical + 1


@pytest.mark.parametrize(("count", "level"), [(5, 0.95), (7, 0.99), (3, 0.9)])
def test_no_rank_interval_where_too_few(count, level):
    assert _signed_rank_cut(count, level) == 0


def test_hodges_lehmann_by_hand():
    # Walsh averages of 0..7: median 3.5; the 4th from either end of the 36 (cut 3 + 1) are 1, 6.
    centre, low, high = centre_interval([0, 1, 2, 3, 4, 5, 6, 7], 0.95)
    assert (centre, low, high) == (3.5, 1.0, 6.0)


def test_few_values_use_student():
    # Mean 2, s = 1, n = 3: 2 -+ 4.302653 / sqrt(3) (t table, 2 degrees of freedom, 97.5%).
    centre, low, high = centre_interval([1, 2, 3], 0.95)
    assert (centre, low, high) == pytest.approx((2, 2 - 2.484138, 2 + 2.484138), abs=1e-5)


def test_one_value_says_nothing():
    found = ratio_interval([math.log(1.1)])
    assert found.value == pytest.approx(1.1)
    assert (found.low, found.high) == (0, math.inf)
    assert not found.half_width <= 1e9


def test_one_burst_hardly_moves_the_interval():
    # One of 15 values takes part in 15 Walsh averages of 120; the 26th from the end bounds.
    values = [0.01 + 0.0001 * i for i in range(14)]
    assert centre_interval([*values, 3.0], 0.95)[2] < 0.012
    assert np.mean([*values, 3.0]) > 0.15


def test_trimmed_mean_by_hand():
    # Of 20 values six go at either end; 7..14 are left, and the six take the nearest's value.
    found = trimmed_centre([*range(1, 20), 1e6])
    squares = 12 * 3.5**2 + 2 * (0.5**2 + 1.5**2 + 2.5**2 + 3.5**2)
    assert found == Centre(10.5, pytest.approx(math.sqrt(squares / (8 * 7))), 7, 20)


@pytest.mark.parametrize("count", [20, 40])
def test_trimmed_mean_is_scipys(count):
    values = np.random.default_rng(3).standard_t(2, count)
    centre = float(trim_mean(values, 0.3))
    low, high = trimmed_mean_ci(values, (0.3, 0.3), alpha=0.05)
    # SciPy scales the Winsorized variance by all values' degrees of freedom, not by those left.
    kept = 0.4 * count
    wider = math.sqrt((count - 1) * kept / (count * (kept - 1)))
    expected = (centre, centre - wider * (centre - low), centre + wider * (high - centre))
    assert centre_interval(values, 0.95) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(("count", "kept"), [(1, 1), (3, 3), (5, 5), (6, 4), (9, 5), (20, 8)])
def test_few_values_are_hardly_trimmed(count, kept):
    found = trimmed_centre([float(i) for i in range(count)])
    assert (found.freedom, found.count) == (kept - 1, count)
    assert math.isnan(found.error) == (count == 1)


def test_half_of_the_pairs_may_be_disturbed():
    rng = np.random.default_rng(4)
    quiet, disturbed = rng.normal(0.02, 0.01, 30), rng.choice([-0.35, 0.35], 30)
    centre, low, high = centre_interval([*quiet, *disturbed])
    assert centre == pytest.approx(0.02, abs=0.006)
    assert high - low < 0.03 < np.std([*quiet, *disturbed]) / 5


def test_summary_percentiles():
    found = summarise([float(i) for i in range(1, 102)])  # 1..101: percentile p is p + 1
    assert (found.p5, found.median, found.p95, found.mean) == (6, 51, 96, 51)
    assert (found.min, found.max, found.calls) == (1, 101, 101)


def test_median_interval_is_in_milliseconds():
    found = median_interval([[9.0, 10.0, 30.0]] * 8)
    assert (found.value, found.low, found.high) == pytest.approx((10, 10, 10))


@pytest.mark.parametrize(
    ("value", "low", "high", "expected"),
    [
        (0.98, 0.97, 0.99, Verdict.FASTER),
        (1.02, 1.001, 1.04, Verdict.SLOWER),
        (1.0, 0.99, 1.01, Verdict.TIE),
        (1.0, 0.981, 1.019, Verdict.TIE),
        (1.0, 0.97, 1.03, Verdict.UNSTABLE),
        (0.95, 0.90, 1.0, Verdict.UNSTABLE),  # ends belong to the interval
        (1.0, 0.0, math.inf, Verdict.UNSTABLE),
    ],
)
def test_verdict(value, low, high, expected):
    assert verdict(Interval(value, low, high), target_interval=0.01) is expected
