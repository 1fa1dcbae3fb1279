"""Is a block of one runner disturbed by the processes of another?

Walls keep runners from signals to each other, where there are walls. But what one computes while
another is timed slows that one down, and a ratio is made of both: a submission would gain by
working while its baseline is timed.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from esrbench.judge.connection import Runner
from esrbench.sandbox.tree import cpu_seconds

SHARE = 0.1
"""Of one core: what a process that waits may use."""
TICKS_SECONDS = 0.03
"""The system counts in hundredths of a second."""
_STOPPED = "Tt"


class Quiet:
    """Made before a block; asked after it."""

    def __init__(self, timed: Runner, others: Sequence[Runner]) -> None:
        self._timed, self._others = timed, others
        self._before = [cpu_seconds(other.pids) for other in others]
        self._stopped = self._stands_still()

    def disturbed(self, wall_seconds: float) -> str | None:
        """Why the block says nothing, in words; None where it was left alone."""
        if self._stopped or self._stands_still():
            return "a process was stopped"
        for other, before in zip(self._others, self._before, strict=True):
            used = cpu_seconds(other.pids) - before
            if used > SHARE * wall_seconds + TICKS_SECONDS:
                return "another runner worked meanwhile"
        return None

    def _stands_still(self) -> bool:
        return any(_state(pid) in _STOPPED for pid in self._timed.pids)


def _state(pid: int) -> str:
    """One letter, as in ``/proc``; "?" where the system does not tell."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return "?"
