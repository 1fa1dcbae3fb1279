"""Bold and underlined: among the ranked, as printed or as measured."""

from __future__ import annotations

import pytest

from esrbench.leaderboard.table import build_tables
from esrbench.report.best import marked
from esrbench.results.record import Chance, RunRecord
from tests.report.records import failed, record, runtime


def best_of(records: list[RunRecord], key: str, decimals: int) -> tuple[set[str], set[str]]:
    table = build_tables(records)[0]
    column = next(c for c in table.columns if c.key == key)
    found = marked(table, column, decimals)
    names = [row.record.label for row in table.rows]
    return {names[i] for i in found.best}, {names[i] for i in found.second}


def psnr(name: str, value: float) -> RunRecord:
    return record(name, quality={"skimage8": {"psnr_y": value}})


@pytest.mark.parametrize(
    ("values", "best", "second"),
    [
        ((31.001, 31.004, 30.0), {"0", "1"}, {"2"}),  # both print 31.00
        ((31.0, 30.0), {"0"}, {"1"}),
        ((31.0,), set(), set()),
        ((31.0, 31.0), set(), set()),
    ],
)
def test_as_printed(values: tuple[float, ...], best: set[str], second: set[str]) -> None:
    rows = [psnr(str(i), value) for i, value in enumerate(values)]
    assert best_of(rows, "skimage8.psnr_y", 2) == (best, second)


def test_what_chance_may_have_parted_is_best_together() -> None:
    """Five passes of mean 30.1 leave 0.196 open to either side."""
    passes = [{"psnr_y": value} for value in (30.0, 30.2, 30.1, 29.9, 30.3)]
    chance = Chance(
        cause="draws", sentence="It draws.", difference=0.1, passes={"skimage8": passes}
    )
    drawn = psnr("drawn", 30.1).model_copy(update={"chance": chance})
    rows = [drawn, psnr("near", 30.2), psnr("apart", 29.8)]
    assert best_of(rows, "skimage8.psnr_y", 2) == ({"drawn", "near"}, {"apart"})


def test_the_smallest_cost_is_best() -> None:
    rows = [record("a", params=2000), record("b", params=1000)]
    assert best_of(rows, "params", 1) == ({"b"}, {"a"})


def test_runtimes_that_the_measurement_cannot_tell_apart_are_best_together() -> None:
    """Intervals of +-1% around 1.00 and 1.005 overlap; 1.2 is apart."""
    rows = [
        record(name, runtime_ms=runtime(7.74 * ratio, ratio=ratio))
        for name, ratio in (("a", 1.0), ("b", 1.005), ("c", 1.2))
    ]
    assert best_of(rows, "runtime_ms", 3) == ({"a", "b"}, {"c"})
    assert best_of(rows, "runtime_ratio", 3) == ({"a", "b"}, {"c"})


@pytest.mark.parametrize(
    "aside", [{"flags": ["below-floor"]}, {"params": 0}], ids=["flagged", "interpolation"]
)
def test_what_is_not_ranked_is_never_best(aside: dict[str, object]) -> None:
    rows = [
        record("a", ms=9.0, params=2000), record("b", ms=10.0, params=3000),
        record("aside", **{"ms": 1.0, "params": 10, **aside}), failed(),
    ]  # fmt: skip
    assert best_of(rows, "runtime_ms", 3) == ({"a"}, {"b"})
    assert best_of(rows, "params", 1) == ({"a"}, {"b"})
