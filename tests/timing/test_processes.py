"""The interval over several processes, by hand."""

import math

import numpy as np
import pytest

from esrbench.timing.processes import (
    PROCESS_SPREAD,
    PROCESSES_KNOWN,
    left_open,
    over_processes,
    weighted_mean,
)
from esrbench.timing.statistics import ratio_interval, trimmed_centre

CPU = "perf_counter_ns"
SIX = [-0.003, -0.002, -0.001, 0.001, 0.002, 0.003, 0.004]


def test_one_process_of_an_unknown_clock_is_what_its_blocks_say():
    assert over_processes([SIX], "fake") == ratio_interval(SIX)


def test_one_process_is_allowed_what_is_known():
    # Student's t for 10 degrees of freedom, 95%: 2.228139 (table).
    assert PROCESSES_KNOWN == 10
    alone, allowed = ratio_interval(SIX), over_processes([SIX], CPU)
    assert allowed.value == alone.value
    low = math.hypot(math.log(alone.value / alone.low), 2.228139 * PROCESS_SPREAD[CPU])
    assert math.log(allowed.value / allowed.low) == pytest.approx(low, rel=1e-6)


def test_what_the_processes_show_is_pooled_with_what_is_known():
    # Variance about the mean 0.01: (0.0001 + 0 + 0.0001) over 2 degrees of freedom.
    centres = np.array([0.0, 0.01, 0.02])
    known = PROCESSES_KNOWN * PROCESS_SPREAD[CPU] ** 2
    error = math.sqrt((known + 0.0002) / (PROCESSES_KNOWN + 2) / 3)
    # t table, 95%: 2.178813 for 12 degrees of freedom.
    mean, low, high = weighted_mean(centres, np.zeros(3), CPU)
    assert mean == pytest.approx(0.01)
    assert [high - mean, mean - low] == pytest.approx([2.178813 * error] * 2, rel=1e-6)


def test_of_an_unknown_clock_the_processes_say_it_all():
    mean, _, high = weighted_mean(np.array([0.0, 0.01, 0.02]), np.full(3, 0.004), "fake")
    # t table, 95%: 4.302653 for 2 degrees of freedom.
    assert high - mean == pytest.approx(4.302653 * math.sqrt(0.0001 / 3), rel=1e-6)


def test_blocks_that_agree_to_the_last_digit_leave_a_ratio():
    found = over_processes([[0.01 * i] * 8 for i in range(5)], "fake")
    assert math.log(found.value) == pytest.approx(0.02)
    # t table, 95%: 2.776445 for 4 degrees of freedom; the variance is 0.00025.
    reach = 2.776445 * math.sqrt(0.00025 / 5)
    assert math.log(found.high / found.value) == pytest.approx(reach, rel=1e-6)


def test_a_centre_counts_by_how_sure_it_is():
    # With a spread s of processes, blocks that leave sqrt(3) s open make it a quarter as sure.
    s = PROCESS_SPREAD[CPU]
    mean, _, high = weighted_mean(np.array([0.0, 0.01]), np.array([0.0, math.sqrt(3) * s]), CPU)
    assert mean == pytest.approx(0.01 / 5)
    apart = (0.002**2 + 0.008**2 / 4) / s**2
    # t table, 95%: 2.200985 for 11 degrees of freedom; 1.25 is the sum of the weights times s**2.
    error = math.sqrt((PROCESSES_KNOWN + apart) / 11 * s**2 / 1.25)
    assert high - mean == pytest.approx(2.200985 * error, rel=1e-6)


def test_processes_with_as_many_blocks_count_alike():
    found = over_processes([[x + 0.02 for x in SIX], SIX], CPU)
    assert math.log(found.value) == pytest.approx(trimmed_centre(SIX).value + 0.01)


def test_a_process_with_few_blocks_counts_less():
    many = [-0.004, 0.004] * 10
    few = [0.02 - 0.004, 0.02 + 0.004]
    assert 0 < math.log(over_processes([few, many], CPU).value) < 0.01


def test_a_disturbed_process_counts_less():
    rng = np.random.default_rng(5)
    calm = rng.normal(0.0, 0.005, 30).tolist()
    disturbed = rng.normal(0.03, 0.3, 30).tolist()
    found = [math.log(over_processes([calm, calm, disturbed], CPU).value)]
    found.append(math.log(over_processes([calm, calm, calm], CPU).value))
    assert found[0] == pytest.approx(found[1], abs=0.002)


def test_what_processes_differ_by_is_not_taken_for_noise_of_blocks():
    centres = [trimmed_centre([x] * 8) for x in (0.01, -0.01, 0.0)]
    assert left_open(centres).tolist() == [0, 0, 0]


@pytest.mark.parametrize("count", [2, 6, 40])
def test_what_blocks_leave_open_is_the_error_of_their_centre(count):
    rng = np.random.default_rng(1)
    found, true = [], []
    for _ in range(2000):
        centres = [trimmed_centre(rng.normal(c, 0.01, count)) for c in (0.0, 0.1, -0.1, 0.3, 0.2)]
        found.append(left_open(centres))
        true.append(centres[0].value)
    # A little too much where there are few: the median of few variances leans upwards.
    assert 0.95 < np.sqrt(np.mean(np.square(found))) / np.std(true) < 1.2


def test_a_burst_hardly_moves_what_blocks_leave_open():
    rng = np.random.default_rng(2)
    calm = [rng.normal(0, 0.01, 20).tolist() for _ in range(5)]
    struck = [[*calm[0][:-1], 0.8], *calm[1:]]
    before, after = (left_open([trimmed_centre(r) for r in runs]) for runs in (calm, struck))
    assert after == pytest.approx(before, rel=0.15)


def test_a_spoilt_process_does_not_spoil_the_others():
    rng = np.random.default_rng(2)
    calm = [trimmed_centre(rng.normal(0, 0.01, 20)) for _ in range(4)]
    spoilt = trimmed_centre(rng.normal(0, 0.5, 20))
    assert left_open([*calm, spoilt])[0] == pytest.approx(0.01 / math.sqrt(20), rel=0.5)
    assert left_open([*calm, spoilt])[4] > 0.05


def test_single_blocks_say_nothing_of_their_noise():
    assert over_processes([[0.01]], CPU).low == 0
    assert left_open([trimmed_centre([0.01]), trimmed_centre([0.02])]).tolist() == [0, 0]


def test_noise_of_blocks_is_counted_once():
    """Centres that lie apart only by what their blocks leave open do not widen the interval."""
    rng = np.random.default_rng(3)
    wide = []
    for _ in range(300):
        runs = [rng.normal(0, 0.02, 40).tolist() for _ in range(5)]
        found = over_processes(runs, CPU)
        wide.append(math.log(found.high / found.value))
    # Both variances at their true values, Student's t for 14 degrees of freedom (table: 2.144787);
    # a trimmed mean of normal values has 1.25 times the error of a mean or so.
    true = 2.144787 * math.sqrt((PROCESS_SPREAD[CPU] ** 2 + (1.25 * 0.02) ** 2 / 40) / 5)
    assert np.median(wide) < 1.02 * true
