"""CpuClock for real; ``test_cuda_clock.py`` has the other."""

import time
from types import SimpleNamespace

from esrbench.timing.clock import CpuClock


def test_cpu_clock_measures_sleep():
    start = time.perf_counter()
    _, ms = CpuClock().time(lambda x: time.sleep(0.02), None)
    assert 19 < ms <= (time.perf_counter() - start) * 1e3


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
