"""Judge side: how many calls make a block."""

from __future__ import annotations

import math

from esrbench.timing.lane import Lane
from esrbench.timing.pairs import block_ms

MOST_CALLS = 10_000
"""No block is longer, however short a call."""
CALIBRATION_SHARE = 0.1
"""A trial block of this share of a block's aimed length is long enough to tell a call's time."""
ALIKE = 2.0
"""Two lanes whose call counts differ by less than this factor run equal counts."""


def calibrate(lane: Lane, shape: str, block_seconds: float) -> int:
    """Calls that make a block of about ``block_seconds``: at least 1, at most 10,000.

    Trial blocks double until one is long enough to be believed.
    """
    calls = 1
    while True:
        times = lane.block(shape, calls).call_ms
        share = sum(times) / 1e3 / block_seconds
        if share >= CALIBRATION_SHARE or calls >= MOST_CALLS:
            break
        calls = min(MOST_CALLS, calls * (2 if share <= 0 else max(2, round(0.2 / share))))
    typical = block_ms(times) / 1e3
    aimed = round(block_seconds / typical) if typical > 0 else MOST_CALLS
    return max(1, min(MOST_CALLS, aimed))


def equalise(first: int, second: int) -> tuple[int, int]:
    """The same count for both, between the two, where they are :data:`ALIKE`.

    A disturbed trial block would otherwise leave a model fewer calls a block than its equal, and a
    block of fewer calls is more often disturbed altogether: equal models would differ.
    """
    if max(first, second) >= ALIKE * min(first, second):
        return first, second
    both = max(1, round(math.sqrt(first * second)))
    return both, both
