"""Ranks that say no more than was measured: rows the measurement cannot tell apart share one."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from esrbench.quantities.costs import runtime_ms, runtime_ratio
from esrbench.results.record import RunRecord


def same_rank(
    values: Sequence[float], *, lower: bool, unsure: Sequence[float] = ()
) -> dict[int, int]:
    """Rank by index; equal values share the better rank, and the next rank is skipped.

    ``unsure``: how far each may be off by chance. A row shares the rank of the group before it
    while the difference to that group's best is within both, in quadrature.
    """
    order = sorted(range(len(values)), key=lambda i: values[i] if lower else -values[i])
    ranks: dict[int, int] = {}
    leader: int | None = None
    for place, i in enumerate(order, start=1):
        if leader is not None and within_chance(values, unsure, i, leader):
            ranks[i] = ranks[leader]
        else:
            ranks[i], leader = place, i
    return ranks


def within_chance(
    values: Sequence[float] | Mapping[int, float], unsure: Sequence[float], a: int, b: int
) -> bool:
    """Whether ``values`` at two places are equal, or chance may have parted them."""
    if values[a] == values[b]:
        return True
    return bool(unsure) and abs(values[a] - values[b]) <= math.hypot(unsure[a], unsure[b])


def relative_interval(a: RunRecord, b: RunRecord) -> tuple[float, float] | None:
    """The 95% interval of a's runtime over b's, from their paired ratios to one baseline.

    The two ratios come from separate sessions, so their log half widths add in quadrature. None
    where either has no interval.
    """
    logs = []
    for record in (a, b):
        timed = record.runtime_ms
        if timed is None or not timed.ratio or not timed.ratio_low or not timed.ratio_high:
            return None
        centre = math.log(timed.ratio)
        logs.append(
            (centre, centre - math.log(timed.ratio_low), math.log(timed.ratio_high) - centre)
        )
    (la, down_a, up_a), (lb, down_b, up_b) = logs
    centre = la - lb
    return (
        math.exp(centre - math.hypot(down_a, up_b)),
        math.exp(centre + math.hypot(up_a, down_b)),
    )


def tie_groups(records: Sequence[RunRecord]) -> dict[int, int]:
    """Rank by index of rows ordered by runtime, fastest first.

    A row shares the rank of the group before it while the interval of its ratio to that group's
    fastest row holds 1. Rows are ordered by the paired ratio where all have one, else by time.
    """
    paired = all(runtime_ratio(r) is not None for r in records)
    speed = [(runtime_ratio(r) if paired else runtime_ms(r)) or 0.0 for r in records]
    order = sorted(range(len(records)), key=lambda i: speed[i])
    ranks: dict[int, int] = {}
    leader: int | None = None
    for place, i in enumerate(order, start=1):
        if leader is not None and _cannot_tell(
            records[i], records[leader], speed[i], speed[leader]
        ):
            ranks[i] = ranks[leader]
        else:
            ranks[i], leader = place, i
    return ranks


def _cannot_tell(a: RunRecord, b: RunRecord, speed_a: float, speed_b: float) -> bool:
    interval = relative_interval(a, b)
    if interval is None:
        return speed_a == speed_b
    return interval[0] <= 1.0 <= interval[1]
