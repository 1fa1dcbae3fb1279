"""Fixed threads and cores: both sides of a comparison compute on the same ones."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)
_TOPOLOGY = Path("/sys/devices/system/cpu")


@dataclass(frozen=True)
class ThreadsSet:
    """What is in force now."""

    threads: int
    cores: tuple[int, ...]
    """The cores this process is bound to; empty where the system cannot bind."""


def usable_cores() -> list[int]:
    """The cores this process may run on, ascending; all of them where the system cannot say."""
    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0))
    return list(range(os.cpu_count() or 1))


def thread_count(asked: int) -> int:
    """The threads to use: ``asked``, or for 0 as many as there are usable cores."""
    return asked if asked > 0 else len(usable_cores())


def thread_environment(asked: int) -> dict[str, str]:
    """Variables for a child that has not yet loaded an OpenMP or BLAS library."""
    return {name: str(thread_count(asked)) for name in THREAD_VARIABLES}


def _siblings(core: int, topology: Path) -> str:
    try:
        return (topology / f"cpu{core}/topology/thread_siblings_list").read_text().strip()
    except OSError:
        return str(core)


def pick_cores(cores: list[int], count: int, topology: Path = _TOPOLOGY) -> list[int]:
    """``count`` of ``cores``: one of every physical core before any core's second thread."""
    seen: set[str] = set()
    firsts: list[int] = []
    seconds: list[int] = []
    for core in cores:
        siblings = _siblings(core, topology)
        (seconds if siblings in seen else firsts).append(core)
        seen.add(siblings)
    return sorted((firsts + seconds)[:count])


def set_threads(asked: int) -> ThreadsSet:
    """Runner side: bind this process to its cores and set torch's threads; 0 takes all cores.

    Call it before torch has computed anything: a pool that has started keeps its threads. More
    threads than usable cores are granted, unbound, since that is what was asked for.
    """
    import torch

    threads = thread_count(asked)
    cores: list[int] = []
    usable = usable_cores()
    if hasattr(os, "sched_setaffinity") and threads <= len(usable):
        cores = pick_cores(usable, threads)
        if cores != usable:  # a confined runner is bound already, and may not bind itself
            os.sched_setaffinity(0, cores)
    torch.set_num_threads(threads)
    return ThreadsSet(torch.get_num_threads(), tuple(cores))
