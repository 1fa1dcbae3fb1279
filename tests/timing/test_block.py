"""Blocks, streams and warm-up with a clock whose times are given."""

import gc

import pytest

from esrbench.timing import block
from esrbench.timing.block import run_block, run_stream
from esrbench.timing.clock import CpuClock
from esrbench.timing.warmup import is_stable, warm_up

from .fakes import FakeTime


class GivenClock:
    """Each call takes what it is given as its input, in milliseconds."""

    name = "given"

    def __init__(self, time=None):
        self.fake = time or FakeTime()

    def time(self, call, x):
        ms = sum(x) if isinstance(x, list) else x
        self.fake.pass_ms(ms)
        return call(x), float(ms)

    def tampered(self):
        return ["time.time"]


def test_one_time_a_call_in_order():
    times = run_block(lambda x: x * 2, [3.0, 1.0, 2.0], GivenClock())
    assert times.call_ms == [3.0, 1.0, 2.0]
    assert (times.clock, times.tampered) == ("given", ["time.time"])


def test_after_sees_inputs_and_outputs():
    seen = []
    run_block(lambda x: x * 2, iter([1.0, 2.0]), GivenClock(), lambda x, y: seen.append((x, y)))
    assert seen == [(1.0, 2.0), (2.0, 4.0)]


def test_collector_rests_and_wakes_even_after_an_error():
    resting = []

    def fails(x):
        resting.append(gc.isenabled())
        raise RuntimeError("no kernel")

    with pytest.raises(RuntimeError, match="no kernel"):
        run_block(fails, [1.0], CpuClock())
    assert resting == [False]
    assert gc.isenabled()


def test_process_time_counts_work_within_calls_alone(monkeypatch):
    """CPU time is given here: the real one holds what other threads of pytest's process burn."""
    burnt = FakeTime()
    monkeypatch.setattr(block, "process_ms", lambda: burnt.now * 1e3)

    def inputs():
        for _ in range(5):
            burnt.pass_ms(100.0)  # a fresh input is made between the calls
            yield 2.0

    def call(x):
        burnt.pass_ms(x * 4)  # four threads
        return x

    assert run_block(call, inputs(), GivenClock()).process_ms == pytest.approx(5 * 8.0)


def test_process_time_is_read_from_the_process():
    assert run_block(lambda x: sum(range(300_000)), range(5), CpuClock()).process_ms > 0


def test_stream_shares_the_whole_evenly():
    times = run_stream(lambda x: x, [2.0, 4.0, 6.0], GivenClock())
    assert times.call_ms == [4.0, 4.0, 4.0]


@pytest.mark.parametrize(
    ("times", "stable"),
    [
        ([10.0] * 10, True),
        ([10.0] * 9, False),  # two windows of five are needed
        ([10.0] * 5 + [10.2] * 5, True),
        ([10.0] * 5 + [9.0] * 5, False),
        ([10.0] * 5 + [10.0, 90.0, 90.0, 90.0, 90.0], True),  # bursts do not count
    ],
)
def test_stability(times, stable):
    assert is_stable(times) is stable


def endless(first, then):
    yield from first
    while True:
        yield then


def test_warm_up_lasts_the_time_asked_for():
    time = FakeTime()
    how = warm_up(lambda x: x, endless([1000.0], 10.0), GivenClock(time), 2.0, now=time)
    assert (how.first_ms, how.last_ms, how.stable) == (1000, 10, True)
    assert how.seconds == pytest.approx(2.0, abs=0.011)
    assert how.calls == 101


def test_warm_up_gives_unsettled_times_up():
    time = FakeTime()
    falling = endless([100.0 * 0.97**i for i in range(400)], 1.0)
    how = warm_up(lambda x: x, falling, GivenClock(time), 0.5, now=time)
    assert not how.stable
    assert how.seconds == pytest.approx(1.5, abs=0.1)


def test_warm_up_calls_twice_however_slow():
    time = FakeTime()
    how = warm_up(lambda x: x, endless([], 60_000.0), GivenClock(time), 1.0, now=time)
    assert how.calls == 2


def test_no_warm_up():
    assert warm_up(lambda x: x, endless([], 1.0), GivenClock(), 0).calls == 0
