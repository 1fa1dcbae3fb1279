"""Where submissions run: a machine as it is asked for, resolved to what is here."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from esrbench.devices import resolve_device
from esrbench.errors import UsageError, nearest
from esrbench.judge.limits import Limits
from esrbench.sandbox.choose import choose
from esrbench.sandbox.tiers import Tier
from esrbench.timing.threads import thread_count
from esrbench.tracks import TRACKS

_SHARE_OF_MEMORY = 0.85


@dataclass(frozen=True)
class Machine:
    """Where and within which limits submissions run."""

    device: str = "cpu"
    """``cpu`` or ``cuda:N``."""
    track: str | None = None
    """How networks are run (``esrbench/tracks.py``); None: each in its manifest's precision."""
    threads: int = field(default_factory=lambda: thread_count(0))
    limits: Limits = field(default_factory=Limits)
    sandbox: Tier | None = None
    """The tier that confines them; None: the best that works."""
    hidden: tuple[Path, ...] = ()
    """Data, results, caches: never to be seen, wherever they lie."""

    @property
    def tier(self) -> Tier:
        """The tier that submissions run in; raises UnavailableError where it cannot be had."""
        return choose(self.sandbox)


def resolve_machine(
    device: str,
    threads: int,
    time_limit: float,
    memory_limit: float | None,
    track: str | None = None,
    sandbox: Tier | None = None,
) -> Machine:
    """The machine that submissions run on, with its limits.

    ``device`` as :func:`esrbench.devices.resolve_device` takes it; ``threads`` 0 for all cores;
    ``time_limit`` in seconds an answer; ``memory_limit`` in GiB, None for 85% of what is free.

    Raises UsageError for an unknown device or track, UnavailableError for a GPU or a tier that
    cannot be had here.
    """
    if track is not None and track not in TRACKS:
        raise UsageError(f"No track {track!r}{nearest(track, TRACKS)}")
    memory = int(memory_limit * 2**30) if memory_limit else _most_of_memory()
    return Machine(
        device=resolve_device(device),
        track=track,
        threads=thread_count(threads),
        sandbox=choose(sandbox),
        limits=Limits(answer_seconds=time_limit, memory_bytes=memory),
    )


def _most_of_memory() -> int | None:
    """Bytes of memory that one may hold; None where the system does not say.

    Of what nobody else holds now: a submission that takes more would have the system end one of
    all processes there are, and no sentence would say why.
    """
    free = _available()
    return None if free is None else int(_SHARE_OF_MEMORY * free)


def _available() -> int | None:
    """What could be had without swapping (Linux), else all there is."""
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if "MemAvailable" in line) * 2**10
    except (OSError, StopIteration):
        pass
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError, AttributeError):
        return None
