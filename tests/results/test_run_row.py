"""The one row of a training run, by rules worked out by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from esrbench.results.identity import lives
from esrbench.results.record import RunRecord
from esrbench.results.store import ResultsStore
from esrbench.results.swept import Swept, point_of
from tests.results.records import record

BY_PSNR, BY_LPIPS = "psnr_y:Set5", "lpips:Set5"
NAMES = {BY_PSNR: "PSNR (Y)", BY_LPIPS: "LPIPS"}


def checkpoint(step: int, value: float | None, **changes: Any) -> RunRecord:
    """The checkpoint of ``step``, measured ``step`` minutes after midnight."""
    by = changes.pop("by", BY_PSNR)
    told = {"run": "a", "step": step, "choose": changes.pop("choose", "best"), "by": by}
    told |= {"called": NAMES[by], "upwards": by == BY_PSNR}
    metric = by.partition(":")[0]
    values = {
        "id": f"20260101t00{step:02d}00z-0000{step:02d}",
        "created": f"2026-01-01T00:{step:02d}:00",
        "submission": "net",
        "variant": "a",
        "submission_sha256": f"{step:064d}",
        "source": f"a/ckpt_{step}.pth",
        "swept": told,
        "quality": {} if value is None else {"Set5": {metric: value}},
    }
    return record(**{**values, **changes})


@pytest.mark.parametrize(
    ("runs", "expected"),
    [
        ([(1, 30.0), (2, 32.0), (3, 31.0)], 2),
        ([(1, 30.0), (2, None)], 1),
        ([(2, 32.0), (3, 32.0)], 3),  # equal: the newer
    ],
)
def test_the_best(tmp_path: Path, runs: list[tuple[int, float | None]], expected: int) -> None:
    store = ResultsStore(tmp_path)
    for step, value in runs:
        store.add(checkpoint(step, value))
    (row,) = store.latest()
    assert row.swept is not None
    assert row.swept.step == expected
    assert row.label == "net/a"
    assert f"of {len(runs)} checkpoints the best by PSNR (Y) on Set5" in row.told[0]
    assert "chosen on a test set" in row.told[0]


def test_fewer_is_better_where_it_is(tmp_path: Path) -> None:
    store = ResultsStore(tmp_path)
    for step, value in ((1, 0.2), (2, 0.1), (3, 0.3)):
        store.add(checkpoint(step, value, by=BY_LPIPS))
    assert [r.swept and r.swept.step for r in store.latest()] == [2]


def test_the_last_and_a_rule_that_changed(tmp_path: Path) -> None:
    store = ResultsStore(tmp_path)
    for step in (1, 2, 3):
        store.add(checkpoint(step, 30.0 - step))
    assert [r.swept and r.swept.step for r in store.latest()] == [1]
    store.add(checkpoint(2, 28.0, choose="last", id="20260102t000000z-000001",
                         created="2026-01-02T00:00:00"))  # fmt: skip
    store.add(checkpoint(3, 27.0, choose="last", id="20260102t000000z-000002",
                         created="2026-01-02T00:01:00"))  # fmt: skip
    (row,) = store.latest()
    assert row.swept is not None
    assert (row.swept.step, row.swept.choose) == (3, "last")
    assert row.told == ("Step 3 of a, of 3 checkpoints the last.",)
    assert [(p.step, p.value) for p in store.runs()[row.id]] == [(1, 29.0), (2, 28.0), (3, 27.0)]


def test_a_checkpoint_is_no_revision_of_the_one_before(tmp_path: Path) -> None:
    store = ResultsStore(tmp_path)
    for step in (1, 2, 3):
        store.add(checkpoint(step, 30.0))
    again = {"id": "20260102t000000z-000001", "created": "2026-01-02T00:00:00"}
    store.add(checkpoint(2, 31.0, **again))
    entries = store.scan().entries.values()
    assert [[e.swept and e.swept.step for e in life] for life in lives(entries)] == [[2, 2]]


def test_two_runs_are_two_rows_and_another_content_of_the_name_a_third(tmp_path: Path) -> None:
    store = ResultsStore(tmp_path)
    store.add(checkpoint(1, 30.0))
    other = {"run": "b", "step": 1, "choose": "best", "by": BY_PSNR, "called": "PSNR (Y)"}
    store.add(checkpoint(4, 30.0, swept=other, variant="b"))
    store.add(checkpoint(5, 30.0, swept=None))
    assert sorted(r.own_label for r in store.latest()) == ["net/a", "net/a", "net/b"]


def test_a_point_without_its_figure_is_worth_least() -> None:
    swept = Swept(run="a", step=3, by=BY_PSNR, called="PSNR (Y)")
    point = point_of(swept, {"Set14": {"psnr_y": 30.0}})
    assert point is not None
    assert (point.value, point.worth) == (None, float("-inf"))
    assert point_of(None, {}) is None
