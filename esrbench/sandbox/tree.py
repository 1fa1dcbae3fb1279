"""A process with all its descendants: what they use together. Read from ``/proc``."""

from __future__ import annotations

import contextlib
import os
import resource
from collections.abc import Iterator
from pathlib import Path

_PAGE = resource.getpagesize()
_TICK = os.sysconf("SC_CLK_TCK")


def members(root: int) -> list[int]:
    """``root`` and its descendants that are there now; empty where the system does not tell."""
    found = [root] if Path(f"/proc/{root}").exists() else []
    for pid in found:  # grows while it is walked
        found.extend(_children(pid))
    return found


def _children(pid: int) -> Iterator[int]:
    with contextlib.suppress(OSError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            with contextlib.suppress(OSError):
                text = (thread / "children").read_text()
                yield from map(int, text.split())


def resident_bytes(pids: list[int]) -> int:
    """Resident memory, what several share counted once for each: never too little, cheap."""
    total = 0
    for pid in pids:
        with contextlib.suppress(OSError, IndexError, ValueError):
            total += int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return total * _PAGE


def proportional_bytes(pids: list[int]) -> int:
    """Resident memory, shared pages divided among those who share them; slower, and exact."""
    return sum(_proportional(pid) for pid in pids)


def _proportional(pid: int) -> int:
    with contextlib.suppress(OSError, ValueError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return resident_bytes([pid])


def cpu_seconds(pids: list[int]) -> float:
    """CPU time of all of them, and of their children that have ended."""
    return sum(_ticks(pid, 4) for pid in pids) / _TICK


def own_cpu_seconds(pid: int) -> float:
    """CPU time of one, without its children's; 0 where it is gone."""
    return _ticks(pid, 2) / _TICK


def _ticks(pid: int, figures: int) -> int:
    """The sum of so many of: user, system, user and system of children that were waited for."""
    with contextlib.suppress(OSError, IndexError, ValueError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, fields[11 : 11 + figures]))
    return 0
