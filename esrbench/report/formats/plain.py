"""Rows as plain values: unrounded, None where a figure is missing."""

from __future__ import annotations

import math
from collections.abc import Sequence

from esrbench.leaderboard.table import Table, frame_of
from esrbench.quantities.costs import COSTS


def plain_rows(tables: Sequence[Table]) -> list[dict[str, object]]:
    """The rows of the DataFrame with None for what is missing, and infinities as text."""
    return [
        {str(key): _plain(str(key), value) for key, value in row.items()}
        for row in frame_of(tables).astype(object).to_dict("records")
    ]


def _plain(key: str, value: object) -> object:
    """``value`` of the column ``key``; a count is a whole number in every row."""
    import pandas as pd

    if value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, float) and math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    cost = COSTS.get(key.removesuffix("_other"))
    counted = cost is not None and cost.group == "Cost"
    return int(value) if counted and isinstance(value, float) and value.is_integer() else value
