"""MACs against the image, on a submission's page."""

from __future__ import annotations

from esrbench.report.spending import spending_table
from esrbench.results.record import CountSpread, Spread
from tests.report.records import record

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
