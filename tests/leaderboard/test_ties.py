"""Ranks by hand; intervals from log half widths, or Student's half widths, in quadrature."""

from __future__ import annotations

import math

import pytest

from esrbench.leaderboard.columns import quality_column
from esrbench.leaderboard.ranking import Rule, rank_rows
from esrbench.leaderboard.ties import relative_interval, same_rank, tie_groups
from esrbench.leaderboard.uncertain import half_width, of_count, of_quality
from esrbench.results.record import Chance, CountSpread, RunRecord, Spread
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


PASSES = [30.0, 30.2, 30.1, 29.9, 30.3]
"""Mean 30.1, standard deviation 0.1581; Student's t of 4 at 95% is 2.776: 0.1963 to either side."""


def drawn(name: str, *passes: float) -> RunRecord:
    """A network whose answers chance parts: so many passes, and their mean as its figure."""
    chance = Chance(cause="draws", sentence="It draws.", difference=0.1,
                    passes={"skimage8": [{"psnr_y": value} for value in passes]})  # fmt: skip
    quality = {"skimage8": {"psnr_y": sum(passes) / len(passes)}}
    return record(name, quality=quality, chance=chance)


def test_how_far_chance_may_have_moved_a_mean() -> None:
    assert half_width(PASSES) == pytest.approx(0.1963, abs=1e-4)
    assert half_width([30.0]) == half_width([30.0, 30.0]) == half_width([]) == 0
    assert of_quality(drawn("a", *PASSES), "skimage8", "psnr_y") == pytest.approx(0.1963, abs=1e-4)
    assert of_quality(record("steady"), "skimage8", "psnr_y") == 0


@pytest.mark.parametrize(
    ("steady", "ranks"),
    [
        (30.15, {"chance": 1, "steady": 1}),  # 0.05 better, well within chance
        (30.29, {"chance": 1, "steady": 1}),
        (30.31, {"chance": 2, "steady": 1}),
        (29.95, {"chance": 1, "steady": 1}),
        (29.85, {"chance": 1, "steady": 2}),
    ],
)
def test_rows_that_chance_may_have_parted_share_a_rank(
    steady: float, ranks: dict[str, int]
) -> None:
    rows = [
        drawn("chance", *PASSES),
        record("steady", quality={"skimage8": {"psnr_y": steady}}),
        record("far", quality={"skimage8": {"psnr_y": 20.0}}),
    ]
    rule = Rule("skimage8.psnr_y", "PSNR", lower=False, column=quality_column("skimage8", "psnr_y"))
    found = {row.record.submission: row for row in rank_rows(rule, rows)}
    assert {name: found[name].rank for name in ranks} == ranks
    assert found["steady"].tied == (ranks["chance"] == ranks["steady"])
    assert found["far"].rank == 3


def test_counts_that_chance_decides_are_no_surer() -> None:
    counts = {f"draw {n}": {"macs": m, "activations": 1, "convs": 1}
              for n, m in enumerate((100, 200, 100, 200))}  # fmt: skip
    of = Spread(mean=150, low=100, high=200)
    spread = CountSpread(over="draws", by_input=counts, macs=of, activations=of, convs=of)
    row = record("coin", count_spread=spread)
    assert of_count(row, "macs") == pytest.approx(57.735 * 3.182 / 2, rel=1e-3)
    assert of_count(row, "activations") == 0
    by_image = spread.model_copy(update={"over": "images", "dataset": "Set5"})
    assert of_count(record("experts", count_spread=by_image), "macs") == 0
