"""The host's time, in milliseconds: told by a test, or the real one."""

from __future__ import annotations

import time
from typing import Protocol


class Host(Protocol):
    """What launches, and waits."""

    def now(self) -> float:
        """Milliseconds."""
        ...

    def wait_until(self, ms: float) -> None:
        """Do nothing before that time."""
        ...


class ToldHost:
    """A time that passes when something is said to take it."""

    def __init__(self) -> None:
        self._now = 0.0

    def now(self) -> float:
        return self._now

    def wait_until(self, ms: float) -> None:
        self._now = max(self._now, ms)

    def pass_ms(self, ms: float) -> None:
        """The host is busy for so long."""
        self._now += ms


class RealHost:
    """The clock of this machine: a device whose work is done by the time it has been launched."""

    def now(self) -> float:
        return time.perf_counter() * 1e3

    def wait_until(self, ms: float) -> None:
        while self.now() < ms:
            time.sleep(1e-5)
