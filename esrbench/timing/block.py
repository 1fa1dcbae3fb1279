"""Runner side: one block of timed calls, raw times and no statistics."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from esrbench.timing.clock import Clock, process_ms

X = TypeVar("X")
Y = TypeVar("Y")


@dataclass(frozen=True)
class BlockTimes:
    """What one block took."""

    call_ms: list[float]
    """One a call, in the order of the calls."""
    process_ms: float
    """CPU time of this process within the calls, all threads added."""
    clock: str
    """What the calls were timed with: ``perf_counter_ns`` or ``cuda-event``."""
    tampered: list[str] = field(default_factory=list)
    """Timers found replaced after the last call."""


def run_block(
    call: Callable[[X], Y],
    inputs: Iterable[X],
    clock: Clock,
    after: Callable[[X, Y], None] | None = None,
) -> BlockTimes:
    """Time ``call`` on each of ``inputs`` once.

    ``inputs`` is consumed between the calls, so that drawing fresh values costs no timed
    millisecond; what must be on the device has to be put there by it. ``after`` sees each input
    and output outside the timed part (to check it, or to keep it for the judge). Python's garbage
    collector rests meanwhile. What ``call`` raises goes through.
    """
    times: list[float] = []
    used = 0.0
    collecting = gc.isenabled()
    gc.disable()
    try:
        for x in inputs:
            before = process_ms()
            y, ms = clock.time(call, x)
            used += process_ms() - before
            times.append(ms)
            if after is not None:
                after(x, y)
            del y
    finally:
        if collecting:
            gc.enable()
    return BlockTimes(times, used, clock.name, clock.tampered())


def run_stream(call: Callable[[X], Y], inputs: Iterable[X], clock: Clock) -> BlockTimes:
    """Throughput: all of ``inputs`` are sent off before any is waited for.

    The inputs are drawn beforehand and must fit into memory together; outputs need not, each goes
    when the next is there. On a CUDA device the calls queue up behind each other, so that launch
    gaps hide; on a CPU this is a block without pauses.
    Every call is given the same share of the whole, since none has a time of its own.
    """
    waiting = list(inputs)

    def send_all(batch: list[X]) -> Y | None:
        y: Y | None = None
        for x in batch:
            y = call(x)
        return y

    times = run_block(send_all, [waiting], clock)
    share = times.call_ms[0] / max(1, len(waiting))
    return BlockTimes([share] * len(waiting), times.process_ms, times.clock, times.tampered)
