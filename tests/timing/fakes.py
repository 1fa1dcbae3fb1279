"""A clock that only moves when told, and lanes on it whose true times are known."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field

import numpy as np

from esrbench.timing.lane import Block, DeviceState


@dataclass
class FakeTime:
    """Seconds that pass when something is said to take them."""

    now: float = 100.0

    def __call__(self) -> float:
        return self.now

    def nanoseconds(self) -> int:
        return round(self.now * 1e9)

    def pass_ms(self, ms: float) -> None:
        self.now += ms / 1e3


@dataclass
class FakeLane:
    """``call_ms`` true milliseconds a call, times ``disturb(seconds, rng)`` for each call."""

    label: str
    time: FakeTime
    call_ms: float
    disturb: Callable[[float, np.random.Generator], float] = lambda now, rng: 1.0
    rng: np.random.Generator = field(default_factory=lambda: np.random.default_rng(0))
    inner_share: float = 1.0
    """What the runner reports of the true time: below 1 it hides work."""
    overhead_ms: float = 0.2
    """Of the wall clock, for each call."""
    images: int = 7
    throttled: list[bool] = field(default_factory=list)
    """For the coming blocks; false afterwards."""
    tampered: tuple[str, ...] = ()
    clock: str = "fake"
    """By another name than the real ones: a fake process is as fast as the next."""
    asked: list[tuple[str, str, int | float | None]] = field(default_factory=list)

    def warm_up(self, shape: str, seconds: float) -> None:
        self.asked.append(("warm_up", shape, seconds))
        self.time.pass_ms(seconds * 1e3)

    def block(self, shape: str, calls: int | None) -> Block:
        self.asked.append(("block", shape, calls))
        started = self.time.now
        times = []
        for _ in range(calls or self.images):
            ms = self.call_ms * self.disturb(self.time.now, self.rng)
            self.time.pass_ms(ms + self.overhead_ms)
            times.append(ms * self.inner_share)
        throttled = self.throttled.pop(0) if self.throttled else False
        return Block(
            call_ms=tuple(times),
            wall_ms=(self.time.now - started) * 1e3,
            clock=self.clock,
            process_ms=sum(times),
            tampered=self.tampered,
            device=DeviceState(throttled=throttled, energy_j=0.5 * len(times)),
        )


def always(first: FakeLane, second: FakeLane) -> Callable[[], AbstractContextManager]:
    """A pair for ``compare`` whose processes never differ."""
    return lambda: nullcontext((first, second))
