"""Which rows a plot of two quantities shows: interpolation never stretches its axes."""

from __future__ import annotations

from collections.abc import Sequence

from esrbench.leaderboard.ranking import Row
from esrbench.leaderboard.unranked import is_reference

Placed = tuple[Row, float, float]
"""A row and its two values."""


def within_others(placed: Sequence[Placed]) -> list[Placed]:
    """``placed`` without the interpolation that lies beyond the range of all other rows."""
    others = [item for item in placed if not is_reference(item[0].record)]
    if not others:
        return list(placed)
    xs, ys = [item[1] for item in others], [item[2] for item in others]
    return [
        (row, x, y)
        for row, x, y in placed
        if not is_reference(row.record) or (min(xs) <= x <= max(xs) and min(ys) <= y <= max(ys))
    ]
