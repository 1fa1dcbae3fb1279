"""Rows that nobody measured here: a challenge's official results."""

from __future__ import annotations

from typing import Final

from esrbench.results.record import RunRecord

IMPORTED: Final = "official"
"""What such a record has where others name their sandbox."""


def is_imported(record: RunRecord) -> bool:
    """Whether ``record`` was taken over from a published file."""
    return record.sandbox == IMPORTED
