"""Judge side: how many calls make a block."""

from __future__ import annotations

import math

from esrbench.timing.lane import Lane
from esrbench.timing.pairs import block_ms

MOST_CALLS = 10_000
"""No block is longer, however short a call."""
CALIBRATION_SHARE = 0.5
"""A trial block of this share of a block's aimed length is long enough to tell a call's time."""
BLOCK_SECONDS = {"perf_counter_ns": 0.05, "cuda-event": 0.25}
"""A block's aimed length by the clock of its calls, where the protocol leaves it open.

The shorter a block, the likelier a neighbour's burst meets both of a pair alike
(``benchmarks/block_length.py``). A GPU has no such neighbours, and within 0.25 s its power and
clock are read several times."""
LEAST_CALLS = 3
"""Fewer have no quartile to take a block at (``timing.pairs``)."""
STRETCH = 5
"""A block may be this many times as long as aimed for to hold :data:`LEAST_CALLS`."""
ALIKE = 2.0
"""Two lanes whose call counts differ by less than this factor run equal counts."""


def calibrate(lane: Lane, shape: str, block_seconds: float | None) -> int:
    """Calls that make a block of about ``block_seconds``: at least 1, at most 10,000.

    None takes :data:`BLOCK_SECONDS`. Trial blocks grow until one is long enough to be believed.
    """
    calls = 1
    while True:
        block = lane.block(shape, calls)
        aimed = block_seconds or BLOCK_SECONDS.get(block.clock, max(BLOCK_SECONDS.values()))
        share = sum(block.call_ms) / 1e3 / aimed
        if share >= CALIBRATION_SHARE or calls >= MOST_CALLS:
            break
        grown = 2 if share <= 0 else max(2, round(1.2 * CALIBRATION_SHARE / share))
        calls = min(MOST_CALLS, calls * grown)
    return _that_fill(aimed, block_ms(block.call_ms) / 1e3)


def _that_fill(block_seconds: float, call_seconds: float) -> int:
    if call_seconds <= 0:
        return MOST_CALLS
    calls = round(block_seconds / call_seconds)
    if calls < LEAST_CALLS:
        calls = min(LEAST_CALLS, int(STRETCH * block_seconds / call_seconds))
    return max(1, min(MOST_CALLS, calls))


def equalise(first: int, second: int) -> tuple[int, int]:
    """The same count for both, between the two, where they are :data:`ALIKE`.

    A disturbed trial block would otherwise leave a model fewer calls a block than its equal, and a
    block of fewer calls is more often disturbed altogether: equal models would differ.
    """
    if max(first, second) >= ALIKE * min(first, second):
        return first, second
    both = max(1, round(math.sqrt(first * second)))
    return both, both
