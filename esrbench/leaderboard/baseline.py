"""Which row is the baseline: another submission may have its name."""

from __future__ import annotations

from collections.abc import Iterable

from esrbench.results.lineage import BUNDLED
from esrbench.results.record import RunRecord


def called(name: str | None, records: Iterable[RunRecord]) -> RunRecord | None:
    """The record of the submission that calls itself ``name`` (``rlfn/ntire``): the one that comes
    with esrbench before any other; None where there is none."""
    same = [record for record in records if name and record.own_label == name]
    return next((record for record in same if record.source == BUNDLED), same[0] if same else None)
