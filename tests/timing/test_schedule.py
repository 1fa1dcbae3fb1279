"""Lanes whose true times are known, on a clock that moves only when they compute."""

import math
from contextlib import contextmanager

import pytest

from esrbench.protocol.schema import Timing
from esrbench.timing.calibration import (
    MOST_CALLS,
    Trial,
    calibrate,
    calls_alone,
    calls_in_turn,
)
from esrbench.timing.compare import compare
from esrbench.timing.course import RETRIES
from esrbench.timing.lane import Block, DeviceState
from esrbench.timing.schedule import measure
from esrbench.timing.statistics import Verdict

from .fakes import FakeLane, FakeTime, always

TIMING = Timing(max_seconds=20, block_seconds=0.5, min_blocks=8, warmup_seconds=1.0)


def lanes(a_ms, b_ms, **more):
    time = FakeTime()
    return time, FakeLane("a", time, a_ms, **more), FakeLane("b", time, b_ms)


def test_order_is_a_b_b_a():
    time, a, b = lanes(10.0, 20.0)
    run = measure(a, b, "8x8", TIMING, clock=time)
    sides = [block.lane[0] for block in run.blocks]
    assert "".join(sides) == "sbbs" * 4
    assert [block.started for block in run.blocks] == sorted(b.started for b in run.blocks)
    assert run.blocks[0].started == 0


def test_steady_lanes_stop_at_the_first_look():
    time, a, b = lanes(10.0, 20.0)
    run = measure(a, b, "8x8", TIMING, clock=time)
    runtime = run.runtime
    assert (runtime.stopped, runtime.blocks, runtime.calls) == ("interval", 8, 8 * 50)
    assert (runtime.ratio, runtime.ratio_low, runtime.ratio_high) == pytest.approx((0.5, 0.5, 0.5))
    assert (runtime.median, runtime.p5, runtime.mean) == pytest.approx((10, 10, 10))
    assert runtime.baseline == "b"
    assert runtime.verdict == "FASTER"
    assert runtime.wall_ratio == pytest.approx(10.2 / 10)  # 0.2 ms a call lie outside
    assert (runtime.process_ms, runtime.energy_j) == pytest.approx((10, 0.5))
    assert run.flags == []


def test_both_are_warmed_up_first():
    time, a, b = lanes(10.0, 20.0)
    measure(a, b, "8x8", TIMING, clock=time)
    assert a.asked[0] == b.asked[0] == ("warm_up", "8x8", 1.0)


def test_time_ends_a_noisy_run():
    def noise(now, rng):
        return math.exp(0.5 * rng.standard_normal())

    time, a, b = lanes(300.0, 300.0, disturb=noise)
    run = measure(a, b, "8x8", TIMING, clock=time)
    assert run.runtime.stopped == "time"
    assert "wide-interval" in run.flags
    spent = sum(block.wall_ms for block in run.blocks) / 1e3
    assert 20 <= spent < 24  # one A B B A more at most
    assert run.runtime.blocks % 2 == 0


def test_slow_models_still_get_one_a_b_b_a():
    time, a, b = lanes(30_000.0, 10.0)
    run = measure(a, b, "8x8", TIMING, clock=time)
    assert run.runtime.blocks == 2
    assert "few-blocks" in run.flags
    assert run.runtime.ratio == pytest.approx(3000)


def test_without_baseline_the_median_has_the_interval():
    time, a, _ = lanes(10.0, 0)
    run = measure(a, None, "8x8", TIMING, clock=time)
    assert run.runtime.ratio is None
    assert run.runtime.baseline is None
    assert run.runtime.verdict is None
    assert (run.runtime.median_low, run.runtime.median_high) == pytest.approx((10, 10))
    assert {block.lane for block in run.blocks} == {"submission"}


def test_linear_drift_cancels():
    def drift(now, rng):
        return 1 + 0.05 * (now - 100)

    time, a, b = lanes(9.5, 10.0, disturb=drift)
    b.disturb = drift
    run = measure(a, b, "8x8", TIMING, clock=time)
    assert run.runtime.max / run.runtime.min > 1.3
    assert run.runtime.ratio == pytest.approx(0.95, rel=0.003)
    assert run.runtime.ratio_low <= 0.95 <= run.runtime.ratio_high


def test_throttled_blocks_are_measured_again():
    time, a, b = lanes(10.0, 10.0)
    a.throttled = [False, False, True, True]  # the first two are trial blocks of the calibration
    run = measure(a, b, "8x8", TIMING, clock=time)
    assert [block.counted for block in run.blocks[:4]] == [False, False, True, True]
    assert [block.throttled for block in run.blocks[:3]] == [True, True, False]
    assert run.runtime.blocks == 8
    assert "throttled" not in run.flags


def test_retries_run_out():
    time, a, b = lanes(10.0, 10.0)
    a.throttled = [True] * 1000
    run = measure(a, b, "8x8", TIMING, clock=time)
    assert sum(not block.counted for block in run.blocks) == RETRIES
    assert "throttled" in run.flags


def test_ntire_runs_each_image_once_and_cold():
    time, a, b = lanes(10.0, 20.0)
    first = [100.0]
    a.disturb = lambda now, rng: first.pop() if first else 1.0
    run = measure(a, b, "Set5", TIMING.model_copy(update={"policy": "ntire"}), clock=time)
    assert a.asked == b.asked == [("block", "Set5", None)]
    assert run.runtime.mean == pytest.approx((1000 + 6 * 10) / 7)
    assert run.runtime.ratio == pytest.approx((1000 + 6 * 10) / 7 / 20)
    assert (run.runtime.ratio_low, run.runtime.verdict) == (None, None)
    assert (run.runtime.stopped, run.runtime.calls, run.runtime.policy) == ("calls", 7, "ntire")


@pytest.mark.parametrize(
    ("call_ms", "calls"),
    [
        (10.0, 50),
        (0.001, MOST_CALLS),
        (0.1, 5000),
        (400.0, 3),
        (1000.0, 2),
        (2000.0, 1),
        (9000.0, 1),  # stretched for a quartile, 2.5 s at most
    ],
)
def test_calibration_fills_a_block(call_ms, calls):
    time = FakeTime()
    trial = calibrate(FakeLane("a", time, call_ms), "8x8", 0.5)
    assert calls_alone(trial, 0.5) == calls


@pytest.mark.parametrize(("clock", "calls"), [("perf_counter_ns", 25), ("cuda-event", 125)])
def test_a_block_is_as_long_as_its_device_wants(clock, calls):
    trial = calibrate(FakeLane("a", FakeTime(), 2.0, clock=clock), "8x8", None)
    assert calls_alone(trial, None) == calls


@pytest.mark.parametrize(
    ("first_ms", "second_ms", "both"),
    [
        (10, 10, (50, 50)),
        (12, 8.5, (50, 50)),
        (10, 20, (50, 25)),
        (400, 400, (3, 3)),  # stretched for a quartile
        (9000, 60, (1, 8)),
    ],
)
def test_like_models_run_equal_blocks(first_ms, second_ms, both):
    first, second = Trial(first_ms / 1e3, "fake"), Trial(second_ms / 1e3, "fake")
    assert calls_in_turn(first, second, 0.5) == both


@pytest.mark.parametrize(
    ("clock", "first_ms", "second_ms", "both"),
    [
        ("perf_counter_ns", 18, 18, (1, 1)),  # turns of 20 ms
        ("perf_counter_ns", 300, 400, (1, 1)),
        ("perf_counter_ns", 2, 2.1, (10, 10)),
        ("perf_counter_ns", 18, 40, (3, 3)),  # not alike: each needs its quartile
        ("cuda-event", 18, 18, (14, 14)),
        ("cuda-event", 300, 400, (3, 3)),
    ],
)
def test_like_models_take_turns_as_quickly_as_they_can(clock, first_ms, second_ms, both):
    first, second = Trial(first_ms / 1e3, clock), Trial(second_ms / 1e3, clock)
    assert calls_in_turn(first, second, None, short_turns=True) == both
    assert min(calls_in_turn(first, second, None)) >= 3 or max(first_ms, second_ms) > 83


def test_a_disturbed_trial_does_not_shorten_one_side():
    time, a, b = lanes(10.0, 10.0)
    trial = [1.6] * 3
    a.disturb = lambda now, rng: trial.pop() if trial else 1.0
    run = measure(a, b, "8x8", TIMING, clock=time)
    assert len({len(block.call_ms) for block in run.blocks}) == 1


def test_patched_timers_are_flagged():
    time, a, b = lanes(10.0, 20.0, tampered=("time.perf_counter_ns",))
    assert measure(a, b, "8x8", TIMING, clock=time).flags == ["timers-patched"]


@pytest.mark.parametrize("share", [0.5, 1.2])
def test_hidden_or_invented_time_is_flagged(share):
    time, a, b = lanes(10.0, 20.0, inner_share=share)
    assert "clocks-disagree" in measure(a, b, "8x8", TIMING, clock=time).flags


class OneWatch:
    def __init__(self):
        self.running = False

    def start(self):
        assert not self.running
        self.running = True

    def stop(self):
        self.running = False
        return DeviceState(clock_mhz=1980.0, power_w=300.0, throttled=False)


def test_the_watch_fills_in_what_lanes_leave_open():
    time, a, b = lanes(10.0, 20.0)
    told = b.block

    def silent(shape, calls):
        block = told(shape, calls)
        return Block(block.call_ms, block.wall_ms)

    b.block = silent
    run = measure(a, b, "8x8", TIMING, clock=time, watch=OneWatch())
    clocks = {block.lane: block.clock_mhz for block in run.blocks}
    assert clocks == {"submission": None, "baseline": 1980.0}


def test_what_a_lane_raises_goes_through_and_ends_the_watch():
    time, a, b = lanes(10.0, 20.0)
    watch = OneWatch()

    def gone(shape, calls):
        if watch.running:
            raise RuntimeError("the child is gone")
        return FakeLane.block(a, shape, calls)

    a.block = gone
    with pytest.raises(RuntimeError, match="gone"):
        measure(a, b, "8x8", TIMING, clock=time, watch=watch)
    assert not watch.running


def test_compare_says_it_in_a_sentence():
    time, a, b = lanes(9.0, 10.0)
    found = compare(always(a, b), "8x8", TIMING, processes=1, clock=time)
    assert found.verdict is Verdict.FASTER
    assert found.sentence() == (
        "a is FASTER than b at 8x8: paired ratio of times 0.9000 (95% 0.9000 to 0.9000), 8 blocks "
        "of each in 1 process; stopped since the interval was narrow enough. Medians, unpaired: "
        "9 ms and 10 ms."
    )
    # Two warm-ups, two trial blocks, 8 blocks each of about half a second.
    assert found.seconds == pytest.approx(2 + 2 * 0.3 + 16 * 0.5, rel=0.05)


def test_compare_starts_fresh_processes_and_ends_them():
    time, a, b = lanes(9.0, 10.0)
    open_now, opened = 0, 0

    @contextmanager
    def fresh():
        nonlocal open_now, opened
        assert open_now == 0  # one pair at a time
        open_now, opened = 1, opened + 1
        time.pass_ms(5_000)  # starting is not measuring
        yield a, b
        open_now = 0

    timing = TIMING.model_copy(update={"max_seconds": 60})
    found = compare(fresh, "8x8", timing, processes=3, clock=time)
    assert (opened, open_now, found.processes, len(found.runs)) == (3, 0, 3, 3)
    assert found.blocks == sum(run.runtime.blocks for run in found.runs) == 24
    assert "24 blocks of each in 3 processes" in found.sentence()
    assert found.seconds == pytest.approx(3 * (2 + 2 * 0.3 + 16 * 0.5), rel=0.05)


def test_compare_shares_its_time_among_the_processes():
    def noise(now, rng):
        return math.exp(0.5 * rng.standard_normal())

    time, a, b = lanes(10.0, 10.0, disturb=noise)
    timing = TIMING.model_copy(update={"max_seconds": 30.0})
    found = compare(always(a, b), "8x8", timing, processes=3, clock=time)
    assert found.stopped == "time"
    assert found.seconds == pytest.approx(30, rel=0.1)
    assert "wide-interval" in found.flags
    blocks = [run.runtime.blocks for run in found.runs]
    assert max(blocks) - min(blocks) <= 2


def test_compare_refuses_a_policy_without_interval():
    time, a, b = lanes(9.0, 10.0)
    with pytest.raises(ValueError, match="ntire"):
        compare(always(a, b), "8x8", TIMING.model_copy(update={"policy": "ntire"}), clock=time)
