"""Small numbers by hand; symmetry by construction."""

import math

import numpy as np
import pytest

from esrbench.timing.pairs import LogPairs, block_ms, log_pairs, quiet_of_all, quiet_pairs


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


def log_ratios(a, b):
    return log_pairs(a, b).quiet()


def test_log_ratios_pair_in_order():
    assert log_ratios([[2.0], [3.0]], [[1.0], [6.0]]) == pytest.approx([math.log(2), -math.log(2)])


@pytest.mark.parametrize(("a", "b"), [([[1.0]], [[1.0], [2.0]]), ([], [])])
def test_unpaired_blocks_are_refused(a, b):
    with pytest.raises(ValueError, match="cannot be paired"):
        log_ratios(a, b)


def test_disturbed_pairs_go_whichever_side_was_hit():
    a, b = (10 + 0.05 * np.random.default_rng(1).standard_normal((2, 16))).tolist()
    a[3], b[7] = 30.0, 30.0
    kept = log_ratios([[x] for x in a], [[x] for x in b])
    assert 12 <= len(kept) <= 14
    assert max(map(abs, kept)) < 0.03


def test_half_is_kept_however_disturbed():
    products = np.array([0.0, 0.001] * 3 + [5.0 + i for i in range(14)])
    assert quiet_pairs(products).sum() == 10


def test_few_pairs_are_all_kept():
    assert quiet_pairs(np.array([0.0, 0.0, 0.0, 9.0])).all()


def test_choice_does_not_change_when_sides_do():
    rng = np.random.default_rng(1)
    a, b = ((rng.exponential(1, (20, 5)) + 5).tolist() for _ in range(2))
    assert log_ratios(a, b) == pytest.approx([-x for x in log_ratios(b, a)])


def process(ratios, products):
    return LogPairs(np.asarray(ratios, float), np.asarray(products, float))


def test_a_neighbour_that_comes_during_one_process_is_seen_by_the_others():
    quiet = process(range(8), [0.0, 0.001] * 4)
    disturbed = process(range(8), [0.5, 0.001, 0.3, 0.6, 0.0, 0.4, 0.7, 0.001])
    assert len(disturbed.quiet()) == 8  # by itself, all of so few are kept
    assert quiet_of_all([quiet, disturbed, quiet]) == [
        [float(i) for i in range(8)],
        [1.0, 4.0, 7.0],
        [float(i) for i in range(8)],
    ]


def test_a_process_that_is_never_quiet_is_left_out():
    quiet, never = process([1.0] * 10, [0.0, 0.001] * 5), process([9.0] * 8, [0.9] * 8)
    assert quiet_of_all([quiet, never]) == [[1.0] * 10]


def test_of_processes_with_a_pair_each_one_is_kept():
    assert quiet_of_all([process([2.0], [0.0]), process([3.0], [0.0])]) == [[2.0]]
