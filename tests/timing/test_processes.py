"""The interval over several processes, by hand."""

import math

import numpy as np
import pytest

from esrbench.timing.processes import PROCESS_SPREAD, PROCESSES_KNOWN, over_processes, process_reach
from esrbench.timing.statistics import ratio_interval

CPU = "perf_counter_ns"
SIX = [-0.003, -0.002, -0.001, 0.001, 0.002, 0.003, 0.004]


def test_one_process_of_an_unknown_clock_is_what_its_blocks_say():
    assert over_processes([SIX], "fake") == ratio_interval(SIX)


def test_one_process_is_allowed_what_is_known():
    # Student's t for 10 degrees of freedom, 95%: 2.228139 (table).
    assert PROCESSES_KNOWN == 10
    reach = 2.228139 * PROCESS_SPREAD[CPU]
    assert process_reach(np.array([0.3]), CPU) == pytest.approx(reach, rel=1e-6)
    alone, allowed = ratio_interval(SIX), over_processes([SIX], CPU)
    assert allowed.value == alone.value
    low = math.hypot(math.log(alone.value / alone.low), reach)
    assert math.log(allowed.value / allowed.low) == pytest.approx(low, rel=1e-6)


def test_what_the_processes_show_is_pooled_with_what_is_known():
    # Variance about the mean 0.01: (0.0001 + 0 + 0.0001) over 2 degrees of freedom.
    centres = np.array([0.0, 0.01, 0.02])
    known = PROCESSES_KNOWN * PROCESS_SPREAD[CPU] ** 2
    error = math.sqrt((known + 0.0002) / (PROCESSES_KNOWN + 2) / 3)
    # t tables, 95%: 2.178813 for 12 degrees of freedom, 4.302653 for 2.
    assert process_reach(centres, CPU) == pytest.approx(2.178813 * error, rel=1e-6)
    alone = 4.302653 * math.sqrt(0.0001 / 3)
    assert process_reach(centres, "fake") == pytest.approx(alone, rel=1e-6)


def test_every_process_counts_alike():
    few, many = [0.02] * 2, [0.0] * 40
    assert over_processes([few, many], CPU).value == pytest.approx(math.exp(0.01))


def test_what_processes_differ_by_is_not_taken_for_noise_of_blocks():
    # Blocks that agree within each process leave the processes' part alone.
    apart = [[0.01] * 8, [-0.01] * 8, [0.0] * 8]
    found = over_processes(apart, CPU)
    reach = process_reach(np.array([0.01, -0.01, 0.0]), CPU)
    assert math.log(found.high / found.value) == pytest.approx(reach, rel=1e-9)


def test_single_blocks_say_nothing_of_their_noise():
    assert over_processes([[0.01]], CPU).low == 0


def test_a_process_with_few_blocks_makes_the_mean_less_sure():
    spread = [-0.004, 0.004] * 4
    even = over_processes([spread, spread], "fake")
    uneven = over_processes([[*spread, *spread[:6]], spread[:2]], "fake")
    assert uneven.half_width > 1.2 * even.half_width
