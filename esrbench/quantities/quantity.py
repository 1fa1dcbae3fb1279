"""A quantity: what a number of the leaderboard is, whoever has it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

Direction = Literal["lower", "higher", "unknown"]
"""Which way is better; ``unknown`` only for what has no row here, which then ranks nothing."""

Bolding = Literal["as printed", "as measured"]
"""Which rows are best: those that print the same, or those that the measurement cannot tell from
the best."""

NO_NICKNAMES: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, kw_only=True)
class Quantity:
    """One thing that is measured or counted."""

    key: str
    """Its name in records, protocols and exports: ``psnr_y``, ``runtime_ms``."""
    heading: str
    """Over a column of a table, under its group."""
    label: str
    """Where it stands alone: an axis, a menu, a sentence."""
    unit: str
    """What it is printed in: ``dB``, ``G``, ``ms``; empty for a plain number."""
    digits: int
    """Decimals; significant digits where ``adaptive``."""
    direction: Direction
    description: str
    """One sentence or two; the dataset it is on is added where it has one."""
    adaptive: bool = False
    divisor: float = 1.0
    """Records keep the plain number; divided by this it is in ``unit``."""
    bolding: Bolding = "as printed"
    nicknames: Mapping[str, str] = field(default_factory=lambda: NO_NICKNAMES)
    """Other words a person may type, each with the label that it then has ("" for the usual)."""

    def decimals(self, values: Iterable[float | None]) -> int:
        """The decimals to print ``values`` with, so that they line up.

        Adaptive: ``digits`` significant digits of the typical value, and two of the smallest as
        long as that asks for no more than ``digits`` - 1 decimals.
        """
        if not self.adaptive:
            return self.digits
        finite = sorted(abs(v) / self.divisor for v in values if v and math.isfinite(v))
        typical = finite[len(finite) // 2] if finite else 1.0
        smallest = finite[0] if finite else 1.0
        by_typical = self.digits - 1 - math.floor(math.log10(typical))
        by_smallest = min(self.digits - 1, 1 - math.floor(math.log10(smallest)))
        return max(0, by_typical, by_smallest)

    def with_unit(self, label: str | None = None) -> str:
        """``Median runtime [ms]``; ``label`` takes the place of its own."""
        text = label or self.label
        return f"{text} [{self.unit}]" if self.unit else text


def number(value: object) -> float | None:
    """``value`` as a float; None for what is missing, not a number, or NaN."""
    if value is None or isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return None if math.isnan(value) else float(value)
