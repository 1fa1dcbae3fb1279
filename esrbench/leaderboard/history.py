"""What became of a row: each time it was measured, and what differed from the time before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from esrbench.leaderboard.columns import Column, columns_for
from esrbench.results.record import RunRecord


@dataclass(frozen=True)
class Difference:
    """One figure that is another than before."""

    column: Column
    before: float | None
    now: float | None


@dataclass(frozen=True)
class Step:
    """One record of a row."""

    record: RunRecord
    content_changed: bool
    """Code or weights are other ones than those of the record before."""
    differences: tuple[Difference, ...] = ()
    """Of the figures that a table shows from the start, unrounded; none for the first record."""


@dataclass(frozen=True)
class History:
    """One row's records, oldest first."""

    steps: tuple[Step, ...]

    @property
    def newest(self) -> RunRecord:
        """The last one."""
        return self.steps[-1].record

    @property
    def revisions(self) -> int:
        """How often code or weights changed."""
        return sum(step.content_changed for step in self.steps)


def history_of(records: Sequence[RunRecord]) -> History:
    """The history of one row, from its ``records``, oldest first."""
    steps = [Step(records[0], content_changed=False)]
    for before, now in pairwise(records):
        hashes = before.submission_sha256, now.submission_sha256
        changed = None not in hashes and hashes[0] != hashes[1]
        steps.append(Step(now, changed, tuple(_differences(before, now))))
    return History(tuple(steps))


def _differences(before: RunRecord, now: RunRecord) -> list[Difference]:
    """Figures that are not the same number in both; one that only one of them has, too."""
    return [
        Difference(column, was, is_)
        for column in columns_for([before, now])
        if column.shown and (was := column.value(before)) != (is_ := column.value(now))
    ]
