"""Small numbers by hand; symmetry by construction."""

import math

import numpy as np
import pytest

from esrbench.timing.pairs import block_ms, log_ratios


@pytest.mark.parametrize(
    ("calls", "expected"),
    [
        ([7.0], 7.0),
        ([10.0] * 4 + [25.0] * 8, 10.0),  # a third undisturbed is enough
        ([1.0, 2.0, 3.0, 4.0, 5.0], 5 / 3),  # position (5 + 1/3) / 4 + 1/3 = 5/3, counted from 1
    ],
)
def test_block_is_its_lower_quartile(calls, expected):
    assert block_ms(calls) == pytest.approx(expected)


def test_block_is_numpys_median_unbiased_quartile():
    rng = np.random.default_rng(1)
    for count in range(1, 30):
        calls = rng.random(count)
        expected = np.percentile(calls, 25, method="median_unbiased")
        assert block_ms(calls.tolist()) == pytest.approx(expected, rel=1e-12)


def test_block_of_more_calls_is_not_smaller():
    # With the usual (NumPy's default) estimate 8 calls come out 0.06 sigma above 24; here 0.01.
    rng = np.random.default_rng(0)
    few = np.mean([block_ms(rng.standard_normal(8)) for _ in range(20_000)])
    many = np.mean([block_ms(rng.standard_normal(24)) for _ in range(20_000)])
    assert few == pytest.approx(many, abs=0.025)


def test_log_ratios_pair_in_order():
    assert log_ratios([[2.0], [3.0]], [[1.0], [6.0]]) == pytest.approx([math.log(2), -math.log(2)])


@pytest.mark.parametrize(("a", "b"), [([[1.0]], [[1.0], [2.0]]), ([], [])])
def test_unpaired_blocks_are_refused(a, b):
    with pytest.raises(ValueError, match="cannot be paired"):
        log_ratios(a, b)


def test_log_ratios_change_sign_when_sides_change():
    rng = np.random.default_rng(1)
    a, b = ((rng.exponential(1, (20, 5)) + 5).tolist() for _ in range(2))
    assert log_ratios(a, b) == pytest.approx([-x for x in log_ratios(b, a)])
