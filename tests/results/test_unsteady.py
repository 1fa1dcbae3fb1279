"""What is said of a network that does not always answer, or cost, the same."""

from __future__ import annotations

from esrbench.quantities.costs import COSTS
from esrbench.results.record import Chance, CountSpread, Spread
from esrbench.results.unsteady import unsteady
from tests.report.records import record

CHANCE = Chance(
    cause="draws",
    sentence="It draws random numbers.",
    difference=0.1873,
    passes={"Set5": [{"psnr_y": 30.0}, {"psnr_y": 30.2}, {"psnr_y": 30.1}]},
)
SPREAD = CountSpread(
    over="images",
    dataset="Set5",
    by_input={"zeros": {"macs": 10**9, "activations": 10**6, "convs": 1}},
    macs=Spread(mean=2e9, low=1e9, high=4e9),
    activations=Spread(mean=2e6, low=1e6, high=4e6),
    convs=Spread(mean=2, low=1, high=4),
)


def test_nothing_is_said_of_most() -> None:
    assert unsteady(record("plain")) == []


def test_chance_is_said_with_its_spread() -> None:
    ((_, sentence),) = unsteady(record("drawn", chance=CHANCE))
    assert "up to 0.19 of the range" in sentence
    assert "Set5: psnr_y 30.0000 to 30.2000 in 3 passes" in sentence
    assert CHANCE.spread("Set5", "psnr_y") == (30.0, 30.2)
    assert CHANCE.spread("Set5", "ssim_y") is None


def test_counts_are_said_with_their_range_and_marked() -> None:
    row = record("experts", count_spread=SPREAD)
    ((_, sentence),) = unsteady(row)
    assert "MACs 1.0000 to 4.0000 G, mean 2.0000 G over the images of Set5" in sentence
    assert "±" in COSTS["macs"].mark(row)
    assert "±" not in COSTS["macs"].mark(record("plain"))
