"""A self-test: how evenly does this machine repeat a fixed piece of work?"""

from __future__ import annotations

import time
from collections.abc import Callable
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


def _work(rounds: int) -> int:
    total = 0
    for i in range(rounds):
        total += i * i
    return total


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
    now: Callable[[], float] = time.perf_counter,
    cpu: Callable[[], float] = time.thread_time,
    work: Callable[[int], object] = _work,
) -> Noise:
    """Repeat a fixed loop for ``seconds`` on one thread.

    It sees who takes the core away and how the clock speed wanders; what is shared beyond the core
    (caches, memory) hardly, since the loop lives in registers.
    """
    rounds = 1000
    while True:
        start = now()
        work(rounds)
        if now() - start >= CHUNK_SECONDS:
            break
        rounds *= 2
    times: list[float] = []
    begun, cpu_begun = now(), cpu()
    while (start := now()) - begun < seconds or not times:
        work(rounds)
        times.append(now() - start)
    return judge_times(times, (cpu() - cpu_begun) / (now() - begun))
