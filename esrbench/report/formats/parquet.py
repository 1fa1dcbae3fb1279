"""Parquet, where pyarrow is installed (``esrbench[parquet]``)."""

from __future__ import annotations

from collections.abc import Sequence

from esrbench.errors import UsageError
from esrbench.leaderboard.table import Table, frame_of


def to_parquet(tables: Sequence[Table]) -> bytes:
    """A row a record, unrounded, in the records' own units; null where a figure is missing.

    Raises UsageError without pyarrow.
    """
    frame = frame_of(tables)
    try:
        data: bytes = frame.to_parquet(None, index=False, engine="pyarrow")
    except ImportError:
        raise UsageError(
            "Parquet needs pyarrow, which is not installed: pip install 'esrbench[parquet]'."
        ) from None
    return data
