"""Judge side: how many calls make a block."""

from __future__ import annotations

import math
from dataclasses import dataclass

from esrbench.timing.lane import Lane
from esrbench.timing.pairs import block_ms

MOST_CALLS = 10_000
"""No block is longer, however short a call."""
CALIBRATION_SHARE = 0.5
"""A trial block of this share of a block's aimed length is long enough to tell a call's time."""
BLOCK_SECONDS = {"perf_counter_ns": 0.05, "cuda-event": 0.25}
"""A block's aimed length by the clock of its calls, where the protocol leaves it open.

A GPU has no neighbours that come and go, and within 0.25 s its power and clock are read several
times."""
TURN_SECONDS = {"perf_counter_ns": 0.02}
"""Instead of :data:`BLOCK_SECONDS` where lanes that are :data:`ALIKE` are to be told apart.

The shorter a block, the likelier a neighbour's burst meets both of a pair alike
(``benchmarks/block_length.py``). A block then may be a single call, on caches that the other model
has used in between: that costs both alike, and is no time to show for one of them."""
LEAST_CALLS = 3
"""Fewer have no quartile to take a block at (``timing.pairs``)."""
STRETCH = 5
"""A block may be this many times as long as aimed for to hold :data:`LEAST_CALLS`."""
ALIKE = 2.0
"""Two lanes whose calls differ by less than this factor run equal counts."""


@dataclass(frozen=True)
class Trial:
    """What trial blocks told of a lane."""

    call_seconds: float
    """Of one call."""
    clock: str
    """What its calls are timed with."""

    def block_seconds(self) -> float:
        """The aimed length of a block that is left open."""
        return BLOCK_SECONDS.get(self.clock, max(BLOCK_SECONDS.values()))


def calibrate(lane: Lane, shape: str, block_seconds: float | None) -> Trial:
    """Run trial blocks that grow until one is long enough to be believed.

    That is by ``block_seconds``, the aimed length of a block; None leaves it open.
    """
    calls = 1
    while True:
        block = lane.block(shape, calls)
        trial = Trial(block_ms(block.call_ms) / 1e3, block.clock)
        share = sum(block.call_ms) / 1e3 / (block_seconds or trial.block_seconds())
        fewer = len(block.call_ms) < calls  # its outputs need more room than there is
        if share >= CALIBRATION_SHARE or calls >= MOST_CALLS or fewer:
            return trial
        grown = 2 if share <= 0 else max(2, round(1.2 * CALIBRATION_SHARE / share))
        calls = min(MOST_CALLS, calls * grown)


def calls_alone(trial: Trial, block_seconds: float | None) -> int:
    """Calls that make a block of about ``block_seconds``: at least 1, at most 10,000."""
    aimed = block_seconds or trial.block_seconds()
    calls = _that_fill(aimed, trial.call_seconds)
    if calls < LEAST_CALLS:
        calls = min(LEAST_CALLS, int(STRETCH * aimed / trial.call_seconds))
    return max(1, calls)


def calls_in_turn(
    first: Trial, second: Trial, block_seconds: float | None, short_turns: bool = False
) -> tuple[int, int]:
    """Calls of a block of each of two lanes: as many for both, where they are :data:`ALIKE`.

    ``short_turns`` takes :data:`TURN_SECONDS` for these, where ``block_seconds`` is left open.

    A disturbed trial block would otherwise leave a model fewer calls a block than its equal, and a
    block of fewer calls is more often disturbed altogether: equal models would differ. For the same
    reason lanes that are not alike get blocks long enough for a quartile.
    """
    slower = max(first.call_seconds, second.call_seconds)
    faster = min(first.call_seconds, second.call_seconds)
    if slower >= ALIKE * faster:
        return calls_alone(first, block_seconds), calls_alone(second, block_seconds)
    both = Trial(math.sqrt(slower * faster), first.clock)
    if short_turns and block_seconds is None and both.clock in TURN_SECONDS:
        calls = max(1, _that_fill(TURN_SECONDS[both.clock], both.call_seconds))
    else:
        calls = calls_alone(both, block_seconds)
    return calls, calls


def _that_fill(aimed_seconds: float, call_seconds: float) -> int:
    return min(MOST_CALLS, round(aimed_seconds / call_seconds) if call_seconds > 0 else MOST_CALLS)
