"""CpuClock for real; CudaClock on events that are fakes: a device is a time at which it is idle."""

import time
from types import SimpleNamespace

import pytest

from esrbench.timing.clock import CpuClock, CudaClock

from .fakes import FakeTime


class FakeCuda:
    """Streams are times, in milliseconds, at which each will be idle; launches take no time."""

    def __init__(self):
        self.host = FakeTime(0.0)
        self.idle_at = {"main": 0.0, "side": 0.0}
        self.log = []
        cuda = self

        class Event:
            def __init__(self, enable_timing):
                assert enable_timing
                self.at = None

            def record(self, stream):
                cuda.log.append("record")
                self.at = max(cuda.host.now * 1e3, cuda.idle_at[stream])

            def synchronize(self):
                cuda.log.append("event-synchronize")
                cuda.host.now = max(cuda.host.now, self.at / 1e3)

            def elapsed_time(self, end):
                return end.at - self.at

        self.Event = Event

    def synchronize(self, device):
        self.log.append("synchronize")
        self.host.now = max(self.host.now, max(self.idle_at.values()) / 1e3)

    def current_stream(self, device):
        return "main"

    def launch(self, stream, ms):
        self.idle_at[stream] = max(self.host.now * 1e3, self.idle_at[stream]) + ms


@pytest.fixture
def cuda():
    fake = FakeCuda()
    # A bound method is a new object at each look; torch.cuda.synchronize is a plain function.
    fake.synchronize = fake.synchronize
    return fake


def test_cuda_times_the_work_not_the_launch(cuda):
    clock = CudaClock("cuda", cuda)
    _, ms = clock.time(lambda x: cuda.launch("main", 7.0), None)
    assert ms == pytest.approx(7)


def test_cuda_counts_work_on_another_stream(cuda):
    clock = CudaClock("cuda", cuda)
    _, ms = clock.time(lambda x: cuda.launch("side", 30.0), None)
    assert ms == pytest.approx(30)


def test_cuda_leaves_earlier_work_out(cuda):
    clock = CudaClock("cuda", cuda)
    cuda.launch("main", 100.0)
    _, ms = clock.time(lambda x: cuda.launch("main", 5.0), None)
    assert ms == pytest.approx(5)


def test_cuda_waits_for_the_device_before_each_event(cuda):
    CudaClock("cuda", cuda).time(lambda x: cuda.log.append("call"), None)
    assert cuda.log == [
        "synchronize",
        "record",
        "call",
        "synchronize",
        "record",
        "event-synchronize",
    ]


def test_cuda_host_work_counts(cuda):
    clock = CudaClock("cuda", cuda)
    _, ms = clock.time(lambda x: cuda.host.pass_ms(12.0), None)
    assert ms == pytest.approx(12)


@pytest.mark.parametrize("name", ["record", "elapsed_time", "synchronize"])
def test_cuda_keeps_its_own_and_names_what_was_patched(cuda, name):
    clock = CudaClock("cuda", cuda)
    assert clock.tampered() == []
    setattr(cuda.Event, name, lambda *_: 0.001)
    _, ms = clock.time(lambda x: cuda.launch("main", 7.0), None)
    assert ms == pytest.approx(7)
    assert clock.tampered() == [f"torch.cuda.Event.{name}"]


def test_cuda_device_sync_patched(cuda):
    clock = CudaClock("cuda", cuda)
    cuda.synchronize = lambda device: None
    _, ms = clock.time(lambda x: cuda.launch("side", 9.0), None)
    assert ms == pytest.approx(9)
    assert clock.tampered() == ["torch.cuda.synchronize"]


def test_cpu_clock_measures_sleep():
    _, ms = CpuClock().time(lambda x: time.sleep(0.02), None)
    assert 19 < ms < 500


def test_cpu_clock_outlives_a_patch(monkeypatch):
    clock = CpuClock()
    assert clock.tampered() == []
    monkeypatch.setattr(time, "perf_counter_ns", lambda: 0)
    sleep = SimpleNamespace(until=time.monotonic() + 0.01)

    def spin(_):
        while time.monotonic() < sleep.until:
            pass

    _, ms = clock.time(spin, None)
    assert ms > 5
    assert clock.tampered() == ["time.perf_counter_ns"]
