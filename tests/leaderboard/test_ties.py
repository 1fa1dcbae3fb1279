"""Ranks by hand; intervals from log half widths in quadrature."""

from __future__ import annotations

import math

import pytest

from esrbench.leaderboard.ties import relative_interval, same_rank, tie_groups
from esrbench.results.record import RunRecord
from tests.report.records import record, runtime


def timed(name: str, ratio: float | None, width: float = 0.01) -> RunRecord:
    return record(name, runtime_ms=runtime((ratio or 1) * 7.74, ratio=ratio, width=width))


@pytest.mark.parametrize(
    ("values", "lower", "ranks"),
    [
        ([3.0, 1.0, 2.0], True, [3, 1, 2]),
        ([3.0, 1.0, 3.0], False, [1, 3, 1]),
        ([1.0, 1.0, 2.0], True, [1, 1, 3]),
        ([], True, []),
    ],
)
def test_equal_values_share_the_better_rank(
    values: list[float], lower: bool, ranks: list[int]
) -> None:
    found = same_rank(values, lower=lower)
    assert [found[i] for i in range(len(values))] == ranks


def test_interval_of_two_ratios() -> None:
    low, high = relative_interval(timed("a", 1.0, 0.03), timed("b", 1.0, 0.04)) or (0, 0)
    assert math.log(low) == pytest.approx(-math.hypot(math.log(1 / 0.97), math.log(1.04)))
    assert low < 1 < high


def test_rows_the_measurement_cannot_tell_apart_share_a_rank() -> None:
    rows = [timed("a", 1.0), timed("b", 1.01), timed("c", 1.05), timed("d", 0.5)]
    ranks = tie_groups(rows)
    assert [ranks[i] for i in range(4)] == [2, 2, 4, 1]


def test_without_intervals_only_equal_times_tie() -> None:
    ranks = tie_groups([timed("a", None), timed("b", None), record("c", runtime_ms=runtime(9.0))])
    assert [ranks[i] for i in range(3)] == [1, 1, 3]
