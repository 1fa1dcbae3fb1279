"""What became of a row, what changed since, and what the years have brought."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path

import pytest

from esrbench.leaderboard.history import history_of
from esrbench.leaderboard.since import changes, vanished
from esrbench.leaderboard.table import build_tables
from esrbench.leaderboard.timeline import timeline
from esrbench.results.record import RunRecord
from esrbench.results.store import ResultsStore
from tests.report.records import record


def of(name: str, psnr: float, *, on: str = "2026-01-05", content: str = "", **more) -> RunRecord:
    """A record of ``name`` made on a day, of a content of its own."""
    return record(
        name,
        psnr=psnr,
        id=f"{name}-{on}",
        created=f"{on}T10:00:00+00:00",
        submission_sha256=(content or name).ljust(64, "0"),
        **more,
    )


def test_a_revision_is_told_with_what_it_changed() -> None:
    first = of("net", 31.0, params=1000)
    again = of("net", 31.0, on="2026-01-06", params=1000)
    other = of("net", 31.5, on="2026-01-07", content="b", params=800)
    found = history_of([first, again, other])
    assert [step.content_changed for step in found.steps] == [False, False, True]
    assert found.revisions == 1
    changed = {d.column.key: (d.before, d.now) for d in found.steps[2].differences}
    assert changed["params"] == (1000, 800)
    assert changed["skimage8.psnr_y"][1] - changed["skimage8.psnr_y"][0] == pytest.approx(0.5)
    assert found.steps[0].differences == ()


def test_the_store_has_the_lives_of_rows(tmp_path: Path) -> None:
    store = ResultsStore(tmp_path)
    first, other = of("net", 31.0), of("other", 30.0)
    revised = of("net", 31.5, on="2026-01-07", content="b", revises=first.id)
    for one in (first, other, revised):
        store.add(one)
    assert [[r.id for r in life] for life in store.lives()] == [[first.id, revised.id]]
    then = store.latest(before=datetime(2026, 1, 6, tzinfo=timezone.utc))
    assert sorted(r.id for r in then) == [first.id, other.id]
    assert sorted(r.id for r in store.latest()) == [revised.id, other.id]


def test_what_changed_is_new_moved_and_gone() -> None:
    a, b, c = of("a", 32.0), of("b", 31.0), of("c", 30.0)
    better = of("b", 33.0, on="2026-02-01", content="b2")
    new = of("d", 31.5, on="2026-02-01")
    (found,) = changes([a, b, c], [a, better, new])
    assert [row.record.label for row in found.new] == ["d"]
    moved = {
        m.row.record.label: (m.before, m.row.rank, m.by, m.measured_again) for m in found.moved
    }
    assert moved == {"b": (2, 1, 1, True), "a": (1, 2, -1, False)}
    assert found.gone == ("c",)
    assert changes([a, b], [a, b]) == []


def test_a_table_that_vanished_is_named() -> None:
    a, elsewhere = of("a", 32.0), of("a", 32.0, device="cpu:Another (1 threads)")
    assert [h.device for h in vanished([a, elsewhere], [a])] == ["cpu:Another (1 threads)"]


def test_bundled_figures_are_nobodys_news() -> None:
    a = of("a", 32.0)
    shipped = of("bundled", 33.0).as_shipped()
    (found,) = changes([a], [a, shipped])
    assert found.new == ()
    assert [(m.row.record.label, m.before, m.row.rank) for m in found.moved] == [("a", 1, 2)]


def dated(name: str, psnr: float, year: int, params: int) -> RunRecord:
    one = of(name, psnr, params=params)
    return one.model_copy(update={"about": one.about.model_copy(update={"year": year})})


def test_a_timeline_is_the_best_until_each_year_within_a_cost() -> None:
    rows = [
        dated("large", 33.0, 2019, 3_000_000),
        dated("small", 31.0, 2020, 90_000),
        dated("worse", 30.0, 2021, 80_000),
        dated("better", 32.0, 2022, 100_000),
    ]
    (table,) = build_tables(rows)
    found = timeline(table)
    assert found is not None
    assert list(found.years) == [2019, 2020, 2021, 2022]
    by = {best.bound: best for best in found.best}
    assert list(by) == [100e3, None]
    small = by[100e3]
    assert small.by(2019) is None
    names = [best.row.record.label for y in (2020, 2021, 2022) if (best := small.by(y))]
    assert names == ["small", "small", "better"]
    assert [d.row.record.label for d in by[None].years] == ["large"]


def test_one_year_is_no_timeline() -> None:
    (table,) = build_tables([dated("a", 31.0, 2020, 10**5), dated("b", 32.0, 2020, 10**6)])
    assert timeline(table) is None
