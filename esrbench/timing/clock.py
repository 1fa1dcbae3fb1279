"""Runner side: how long one call took, on the CPU's clock or by CUDA events.

The functions that read time are looked up when this module is imported (CPU) or when the clock is
made (CUDA), both before a submission is: a submission that later replaces
``time.perf_counter_ns`` or ``torch.cuda.Event.elapsed_time`` changes nothing here, and
:meth:`tampered` names what it replaced. Whoever gets at these references too still meets the
judge's own wall clock around every block.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

X = TypeVar("X")
Y = TypeVar("Y")

_now_ns = time.perf_counter_ns
_process_ns = time.process_time_ns
_TIMERS = {
    name: getattr(time, name)
    for name in ("perf_counter", "perf_counter_ns", "process_time_ns", "monotonic", "time")
}


class Clock(Protocol):
    """What a block is timed with."""

    name: str
    """``perf_counter_ns`` or ``cuda-event``: goes into the record."""

    def time(self, call: Callable[[X], Y], x: X) -> tuple[Y, float]:
        """``call(x)`` and its milliseconds, all the work it caused included."""
        ...

    def tampered(self) -> list[str]:
        """Timers that are no longer the ones found at the start; empty when all is well."""
        ...


class CpuClock:
    """Monotonic wall time around the call, to the nanosecond."""

    name = "perf_counter_ns"

    def time(self, call: Callable[[X], Y], x: X) -> tuple[Y, float]:
        """``call(x)`` and its milliseconds of wall time."""
        start = _now_ns()
        y = call(x)
        return y, (_now_ns() - start) / 1e6

    def tampered(self) -> list[str]:
        """Names such as ``time.perf_counter_ns`` that were replaced since this import."""
        return [f"time.{name}" for name, was in _TIMERS.items() if getattr(time, name) is not was]


class CudaClock:
    """A pair of CUDA events; the end is recorded only when the whole device is idle.

    Work put on another stream or queued by another thread is therefore part of the time: the
    sync before the end event waits for every stream of the device. The sync before the start
    keeps earlier work (the copy of the input) out. Launch gaps count, as they do for a user who
    sends one image at a time; the two syncs themselves add some ten microseconds.

    Not yet run on a GPU; its logic is tested with events that are fakes.
    """

    name = "cuda-event"

    def __init__(self, device: Any, cuda: Any = None) -> None:
        """``device`` as torch takes it; ``cuda`` is ``torch.cuda`` unless a test says otherwise.

        Make it before the submission is imported.
        """
        if cuda is None:
            import torch

            cuda = torch.cuda
        self._cuda = cuda
        self._device = device
        self._event_type = cuda.Event
        self._record = cuda.Event.record
        self._elapsed_time = cuda.Event.elapsed_time
        self._event_synchronize = cuda.Event.synchronize
        self._synchronize = cuda.synchronize
        self._stream = cuda.current_stream(device)
        self._cpu = CpuClock()

    def time(self, call: Callable[[X], Y], x: X) -> tuple[Y, float]:
        """``call(x)`` and its milliseconds on the device, every stream waited for."""
        start = self._event_type(enable_timing=True)
        end = self._event_type(enable_timing=True)
        self._synchronize(self._device)
        self._record(start, self._stream)
        y = call(x)
        self._synchronize(self._device)
        self._record(end, self._stream)
        self._event_synchronize(end)
        return y, float(self._elapsed_time(start, end))

    def tampered(self) -> list[str]:
        """Names such as ``torch.cuda.Event.elapsed_time`` replaced since this clock was made."""
        found = self._cpu.tampered()
        event = self._cuda.Event
        pairs = [
            ("Event", event, self._event_type),
            ("Event.record", event.record, self._record),
            ("Event.elapsed_time", event.elapsed_time, self._elapsed_time),
            ("Event.synchronize", event.synchronize, self._event_synchronize),
            ("synchronize", self._cuda.synchronize, self._synchronize),
        ]
        return found + [f"torch.cuda.{name}" for name, now, was in pairs if now is not was]


def process_ms() -> float:
    """CPU milliseconds this process has used so far, over all its threads."""
    return _process_ns() / 1e6


def make_clock(device: str) -> Clock:
    """The clock for ``cpu`` or ``cuda[:N]``."""
    return CudaClock(device) if device.startswith("cuda") else CpuClock()
