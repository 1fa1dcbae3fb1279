"""Judge side: when a run may look at its interval, and when it has seen enough."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

Reason = Literal["interval", "time"]

GROWTH = 1.5
"""Each look waits for this many times the pairs of the one before it."""
LEAST_PAIRS = 2
"""Time never stops a run before one A B B A is complete."""


@dataclass
class Stopping:
    """The rule of one run: looks at fixed counts of pairs, and the end of its time.

    Few looks, at counts fixed beforehand, keep the chance small that one is narrow by luck
    (see ``timing.statistics``).
    """

    min_blocks: int
    """Blocks a lane runs before the first look."""
    max_seconds: float
    target_interval: float
    """Relative half width that is narrow enough."""

    def __post_init__(self) -> None:
        self._next_look = max(LEAST_PAIRS, self.min_blocks)

    def is_look(self, pairs: int) -> bool:
        """Whether the interval may be looked at now; each look is granted once."""
        if pairs < self._next_look:
            return False
        self._next_look = math.ceil(pairs * GROWTH)
        return True

    def narrow(self, half_width: float) -> bool:
        """Whether a look's interval is narrow enough."""
        return half_width <= self.target_interval

    def out_of_time(self, pairs: int, elapsed: float) -> bool:
        """Whether the time is up."""
        return pairs >= LEAST_PAIRS and elapsed >= self.max_seconds
