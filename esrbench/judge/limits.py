"""What one runner may use, with all its processes, and what is said of one that used more."""

from __future__ import annotations

from dataclasses import dataclass

from esrbench.sandbox import tree

MOST_PROCESSES = 256


@dataclass(frozen=True)
class Limits:
    """What one runner may use."""

    answer_seconds: float = 600.0
    """The longest one answer may take, however it is dealt out."""
    memory_bytes: int | None = None
    """Memory of the runner, its processes and what it shares with the judge; None for no watch."""
    run_seconds: float = 6 * 3600.0
    """The longest all its answers may take together."""

    def cpu_seconds(self, threads: int) -> int:
        """CPU time of all its processes: every thread busy for as long as the run may take."""
        return int(self.run_seconds * threads) + 60


@dataclass(frozen=True)
class Exceeded:
    """A limit that was passed."""

    sentence: str
    memory: bool = False
    """Whether it is that of memory: less may do, as at a smaller size."""


def exceeded(limits: Limits, threads: int, family: list[int], shared: int) -> Exceeded | None:
    """Which limit the processes of one ``family`` passed together; None for none.

    ``threads``: CPU threads it was given. ``shared``: bytes of memory that is theirs without being
    mapped by them.
    """
    if len(family) > MOST_PROCESSES:
        return Exceeded(f"It ran more than {MOST_PROCESSES} processes at once.")
    most = limits.memory_bytes
    # Exact figures take a walk through the memory's map: only where the quick ones are too high.
    if (
        most is not None
        and tree.resident_bytes(family) + shared > most
        and tree.proportional_bytes(family) + shared > most
    ):
        return Exceeded(f"It used more than the {most / 2**30:.1f} GiB of memory it may.", True)
    if tree.cpu_seconds(family) > (allowed := limits.cpu_seconds(threads)):
        return Exceeded(f"It used more than the {allowed} s of CPU time it may.")
    return None
