"""Runner side: call until the time asked for has passed and the times have settled.

NTIRE's official run times the first forward as well: 1033.8 ms where the mean of the others is
9.82 (NTIRE 2024, RLFN), which decides ranks. Warm-up belongs to the harness, for each input shape.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from esrbench.timing.clock import Clock

_now = time.monotonic

WINDOW = 5
"""Calls whose fastest is held against that of as many calls before them.

A neighbour slows calls down and speeds none up: the fastest tells what the model itself needs."""
STABLE = 0.03
"""The two may be this far apart, relative."""
PATIENCE = 3.0
"""Times that do not settle are given up on after this many times the seconds asked for."""
LEAST_CALLS = 2


@dataclass(frozen=True)
class WarmUp:
    """How the warm-up went."""

    calls: int
    seconds: float
    stable: bool
    """Whether the last two windows of calls agreed; False also when there were too few calls."""
    first_ms: float
    """The first call: what a cold start costs."""
    last_ms: float


def is_stable(call_ms: list[float]) -> bool:
    """Whether the last two windows of calls agree within :data:`STABLE`."""
    if len(call_ms) < 2 * WINDOW:
        return False
    late = min(call_ms[-WINDOW:])
    early = min(call_ms[-2 * WINDOW : -WINDOW])
    return abs(late - early) <= STABLE * early


def warm_up(
    call: Callable[[Any], object],
    inputs: Iterator[Any],
    clock: Clock,
    seconds: float,
    now: Callable[[], float] = _now,
) -> WarmUp:
    """Call on fresh ``inputs`` for ``seconds`` and until stable, for three times that at most.

    At least :data:`LEAST_CALLS` calls are made, however long they take, unless ``seconds`` is 0:
    then none is, and the figures of the answer are 0. ``inputs`` must not run dry.
    """
    if seconds <= 0:
        return WarmUp(0, 0.0, False, 0.0, 0.0)
    times: list[float] = []
    start = now()
    while True:
        _, ms = clock.time(call, next(inputs))
        times.append(ms)
        elapsed = now() - start
        if len(times) < LEAST_CALLS or elapsed < seconds:
            continue
        if is_stable(times) or elapsed >= PATIENCE * seconds:
            return WarmUp(len(times), elapsed, is_stable(times), times[0], times[-1])
