"""From figures to pixels, linearly or in logarithms, and the ticks between."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    """``low`` to ``high`` onto pixels ``start`` to ``end``."""

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def at(self, value: float) -> float:
        """The pixel of ``value``; those outside are put at the nearer end."""
        kept = min(max(value, self.low), self.high)
        if self.log:
            part = math.log(kept / self.low) / math.log(self.high / self.low)
        else:
            part = (kept - self.low) / (self.high - self.low)
        return self.start + part * (self.end - self.start)

    def ticks(self, most: int = 7) -> list[float]:
        """Round figures within the scale: 1, 2, 5 times a power of ten; at most ``most``."""
        if self.log:
            for steps in ((1, 2, 5), (1, 3), (1,)):
                found = [v for v in _decades(self.low, self.high, steps) if self._holds(v)]
                if len(found) <= most:
                    return found
            return found[:: -(-len(found) // most)]
        step = _round_step((self.high - self.low) / most)
        first = math.ceil(self.low / step - 1e-9)
        last = math.floor(self.high / step + 1e-9)
        return [float(f"{i * step:.10g}") for i in range(first, last + 1)]

    def _holds(self, value: float) -> bool:
        return self.low * (1 - 1e-9) <= value <= self.high * (1 + 1e-9)


def linear(values: Sequence[float], start: float, end: float, margin: float = 0.08) -> Scale:
    """A scale around ``values``; one value alone gets room on both sides."""
    low, high = min(values), max(values)
    room = (high - low) * margin or abs(high) * 0.05 or 1.0
    return Scale(low - room, high + room, start, end)


def from_zero(values: Sequence[float], start: float, end: float) -> Scale:
    """A scale from 0 to a little above the largest of ``values``."""
    return Scale(0.0, max(values) * 1.08 or 1.0, start, end)


def logarithmic(values: Sequence[float], start: float, end: float, margin: float = 0.06) -> Scale:
    """A logarithmic scale around ``values``, all of them above 0."""
    low, high = min(values), max(values)
    room = max((high / low) ** margin, 1.15)
    return Scale(low / room, high * room, start, end, log=True)


def _decades(low: float, high: float, steps: Sequence[int]) -> list[float]:
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    return [step * 10.0**decade for decade in decades for step in steps]


def _round_step(least: float) -> float:
    """The smallest of 1, 2, 2.5, 5 times a power of ten that is no less than ``least``."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(n * power for n in (1, 2, 2.5, 5, 10) if n * power >= least * (1 - 1e-9))
