"""What the first, cold image does to a challenge's ranks: the same table without it."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import fmean

from esrbench.leaderboard.ranking import rank_rows
from esrbench.leaderboard.table import Table
from esrbench.leaderboard.ties import same_rank
from esrbench.policies import policy_of
from esrbench.results.record import RunRecord


@dataclass(frozen=True)
class ColdEffect:
    """One row with and without its first image."""

    record: RunRecord
    first_ms: float
    with_ms: float
    without_ms: float
    with_score: float | None
    without_score: float | None
    with_rank: int | None
    """Official: thresholds after rounding."""
    without_rank: int | None
    with_place: int | None
    """By runtime alone, among the rows that are officially ranked."""
    without_place: int | None


def cold_effects(table: Table) -> list[ColdEffect]:
    """The rows of a table timed the challenge's way, fastest official first; [] for any other.

    The first call of the first block is dropped; the baseline's too, so ratios stay ratios.
    """
    timed = [r for r in table.records if _is_cold(r)]
    if not timed:
        return []
    warm = {r.id: _without_first(r) for r in timed}
    by_label = {r.own_label: warm[r.id] for r in timed}
    changed = [_with_runtime(r, warm[r.id], by_label) for r in timed]
    before = {row.record.id: row for row in rank_rows(table.rule, timed)}
    after = {row.record.id: row for row in rank_rows(table.rule, changed)}
    ranked = [r for r in timed if before[r.id].official_rank is not None]
    place = _places({r.id: r.runtime_ms.mean for r in ranked if r.runtime_ms})
    warm_place = _places({r.id: warm[r.id] for r in ranked})
    effects = [
        ColdEffect(
            record=r,
            first_ms=r.timing_blocks[0].call_ms[0],
            with_ms=r.runtime_ms.mean if r.runtime_ms else 0.0,
            without_ms=warm[r.id],
            with_score=before[r.id].score,
            without_score=after[r.id].score,
            with_rank=before[r.id].official_rank,
            without_rank=after[r.id].official_rank,
            with_place=place.get(r.id),
            without_place=warm_place.get(r.id),
        )
        for r in timed
    ]
    return sorted(effects, key=lambda e: (e.with_rank is None, e.with_rank or 0, e.with_ms))


def _places(times: dict[str, float]) -> dict[str, int]:
    ids = list(times)
    ranks = same_rank([times[i] for i in ids], lower=True)
    return {ids[i]: rank for i, rank in ranks.items()}


def _is_cold(record: RunRecord) -> bool:
    timed = record.runtime_ms
    first = record.timing_blocks[0].call_ms if record.timing_blocks else []
    return timed is not None and policy_of(timed.policy).cold and len(first) > 1


def _without_first(record: RunRecord) -> float:
    """The mean of the blocks' means without the very first call."""
    blocks = [b.call_ms for b in record.timing_blocks if b.lane == "submission" and b.call_ms]
    return fmean([fmean(blocks[0][1:]), *(fmean(block) for block in blocks[1:])])


def _with_runtime(record: RunRecord, ms: float, by_label: dict[str, float]) -> RunRecord:
    timed = record.runtime_ms
    assert timed is not None
    reference = by_label.get(timed.baseline or "")
    changed = timed.model_copy(
        update={"mean": ms, "ratio": ms / reference if reference else timed.ratio}
    )
    return record.model_copy(update={"runtime_ms": changed})
