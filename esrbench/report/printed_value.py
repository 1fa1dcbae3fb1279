"""A row's figure as every table prints it."""

from __future__ import annotations

from esrbench.leaderboard.columns import Column
from esrbench.leaderboard.literature import is_literature
from esrbench.report.numbers import in_unit
from esrbench.results.record import RunRecord


def printed_value(column: Column, record: RunRecord, decimals: int) -> str:
    """The value of ``column`` with the decimals of its column, "" where there is none.

    A published count has no more of them than its source: 715 K is not 715.0 K.
    """
    text = in_unit(column, column.value(record), decimals)
    if column.kind == "cost" and "." in text and is_literature(record):
        return text.rstrip("0").rstrip(".")
    return text
