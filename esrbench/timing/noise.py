"""A self-test: how evenly does this machine repeat a fixed piece of work?"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

CHUNK_SECONDS = 0.002
"""Aimed length of one piece: near a short forward, far above the clock's resolution."""


@dataclass(frozen=True)
class Noise:
    """What repeating equal work showed; times are relative to the undisturbed one."""

    pieces: int
    slow_share: float
    """Share of pieces that took more than 1.1 times the undisturbed time."""
    median_excess: float
    """Median over the undisturbed time (5th percentile), less 1."""
    p95_excess: float
    waited_share: float
    """1 less CPU time over wall time: how long this process was kept from running."""


_BYTES = bytes(1 << 12)
"""A page that is hashed again and again: it stays in the first-level cache."""


def _work(rounds: int) -> None:
    digest = hashlib.sha256()
    page = _BYTES * 16  # beyond 2 kB hashing lets other threads run
    for _ in range(rounds):
        digest.update(page)


def judge_times(times: list[float], cpu_share: float) -> Noise:
    """The figures from each piece's time (any unit) and the share of wall time spent running."""
    values = np.asarray(times)
    quiet, median, p95 = np.percentile(values, [5, 50, 95])
    return Noise(
        pieces=len(values),
        slow_share=float(np.mean(values > 1.1 * quiet)),
        median_excess=float(median / quiet - 1),
        p95_excess=float(p95 / quiet - 1),
        waited_share=max(0.0, 1 - cpu_share),
    )


def measure_noise(
    seconds: float = 2.0,
    threads: int = 1,
    now: Callable[[], float] = time.perf_counter,
    cpu: Callable[[], float] = time.process_time,
    work: Callable[[int], object] = _work,
) -> Noise:
    """Repeat a fixed piece of work for ``seconds``, on as many threads as a timing will use.

    A piece ends when its last thread has: a forward waits at every operator in the same way, so
    one thread that is kept from running holds up all. It sees who takes cores away and how the
    clock speed wanders; what is shared beyond the core (caches, memory) hardly.
    """
    with ThreadPoolExecutor(threads) as team:

        def piece(rounds: int) -> None:
            if threads == 1:
                work(rounds)
            else:
                list(team.map(work, [rounds] * threads))

        def seconds_of(rounds: int) -> float:
            start = now()
            piece(rounds)
            return now() - start

        rounds = 1
        # The best of three: a disturbed one would make pieces too short to be disturbed again.
        while min(seconds_of(rounds) for _ in range(3)) < CHUNK_SECONDS:
            rounds *= 2
        times: list[float] = []
        begun, cpu_begun = now(), cpu()
        while now() - begun < seconds or not times:
            times.append(seconds_of(rounds))
        return judge_times(times, (cpu() - cpu_begun) / (now() - begun) / threads)
