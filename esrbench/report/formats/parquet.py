"""Parquet, where pyarrow is installed."""

from __future__ import annotations

from collections.abc import Sequence

from esrbench.errors import UsageError
from esrbench.leaderboard.table import build_table
from esrbench.results.record import RunRecord


def to_parquet(records: Sequence[RunRecord]) -> bytes:
    """The rows of :func:`to_csv` as Parquet; raises UsageError without pyarrow."""
    try:
        data: bytes = build_table(records).to_parquet(None, index=False)
    except ImportError:
        raise UsageError("Parquet needs pyarrow: pip install pyarrow.") from None
    return data
