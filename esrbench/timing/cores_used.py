"""Judge side: did it compute on more cores than it was given?

What the processes of a runner use is read from the system, outside of them: work that is handed to
a thread or to another process shows there, whatever the clock inside says.
"""

from __future__ import annotations

from dataclasses import dataclass

MORE = 1.2
"""CPU time of this many times the wall, for each thread asked for, is more than those threads."""
TICKS_SECONDS = 0.05
"""The system counts in hundredths of a second: less than this is no matter."""


@dataclass
class CoresUsed:
    """CPU and wall seconds of the blocks so far."""

    cpu_seconds: float = 0.0
    wall_seconds: float = 0.0

    def add(self, cpu_seconds: float, wall_seconds: float) -> None:
        """One block's."""
        self.cpu_seconds += cpu_seconds
        self.wall_seconds += wall_seconds

    def more_than(self, threads: int) -> bool:
        """Whether ``threads`` cannot have used so much in that time."""
        return self.cpu_seconds > MORE * threads * self.wall_seconds + TICKS_SECONDS
