"""MACs against the image, on a submission's page."""

from __future__ import annotations

import re
from pathlib import Path

from esrbench.report.site import render_site
from esrbench.report.spending import spending_table, times_by_image
from esrbench.results.record import CountSpread, Spread
from esrbench.results.store import ResultsStore
from tests.report.records import record, runtime

ONE = Spread(mean=1, low=1, high=1)
SPREAD = CountSpread(
    over="images",
    dataset="Set5",
    by_input={
        name: {"macs": macs, "activations": 1, "convs": 1}
        for name, macs in (("noise", 900), ("zeros", 100), ("bird", 300), ("baby", 500))
    },
    macs=Spread(mean=400, low=100, high=900),
    activations=ONE,
    convs=ONE,
    bounds={"least": 50, "most": 1000},
)


def test_the_dearest_first_between_the_bounds() -> None:
    table = spending_table(record("a", count_spread=SPREAD))
    assert table is not None
    assert (table.over, table.mean) == ("the images of Set5", 400)
    assert [(line.name, line.macs, line.part, line.tone) for line in table.lines] == [
        ("No image costs more than", 1000, 1.0, ""),
        ("noise", 900, 0.9, ""),
        ("baby", 500, 0.5, "lit"),
        ("bird", 300, 0.3, "lit"),
        ("zeros", 100, 0.1, ""),
        ("No image costs less than", 50, 0.05, ""),
    ]


def test_what_always_costs_the_same_has_none() -> None:
    assert spending_table(record("a")) is None


def test_times_by_image_the_slowest_first() -> None:
    timed = runtime(10.0).model_copy(update={"by_image_ms": {"2": 5.0, "0": 10.0, "7": 20.0}})
    found = [(t.name, t.ms, t.part) for t in times_by_image(record("a", runtime_ms=timed))]
    assert found == [
        ("photograph 7", 20.0, 1.0), ("photograph 0", 10.0, 0.5), ("photograph 2", 5.0, 0.25),
    ]  # fmt: skip
    assert times_by_image(record("a", runtime_ms=runtime(10.0))) == ()
    assert times_by_image(record("a")) == ()


def test_the_page_shows_them(tmp_path: Path) -> None:
    timed = runtime(10.0).model_copy(update={"by_image_ms": {"2": 5.0, "7": 20.0}})
    store = ResultsStore(tmp_path / "results")
    store.root.mkdir()
    store.add(record("a", runtime_ms=timed, count_spread=SPREAD))
    render_site(store, tmp_path / "site")
    pages = [page.read_text() for page in (tmp_path / "site").rglob("*.html")]
    (text,) = [page for page in pages if "photograph 7" in page]
    assert "How long it takes depends on what the image shows" in text
    assert re.search(r"photograph 7</th><td>20\.00</td>", text)
