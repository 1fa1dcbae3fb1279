"""What is said of a network that does not always answer, or cost, the same."""

from __future__ import annotations

from esrbench.leaderboard.table import build_tables
from esrbench.quantities.costs import COSTS
from esrbench.report.formats.plain import plain_rows
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


def test_the_table_and_its_exports_have_the_ranges() -> None:
    quality = {"Set5": {"psnr_y": 30.1}}
    rows = [record("drawn", chance=CHANCE, quality=quality, count_spread=SPREAD), record("plain")]
    (table,) = build_tables(rows)
    drawn, plain = (
        next(row for row in plain_rows([table]) if row["submission"] == name)
        for name in ("drawn", "plain")
    )
    assert (drawn["chance"], drawn["answers_apart"]) == ("draws", 0.1873)
    assert (drawn["Set5.psnr_y_low"], drawn["Set5.psnr_y_high"]) == (30.0, 30.2)
    assert (drawn["macs_low"], drawn["macs_high"]) == (10**9, 4 * 10**9)
    assert drawn["Set5.psnr_y_mark"] == drawn["activations_mark"] == "±"
    assert (plain["chance"], plain["answers_apart"], plain["macs_low"]) == (None, None, None)


def test_a_count_that_is_always_the_same_has_no_range() -> None:
    """Of a network that spends what an image asks for, activations may be those of every image."""
    same = SPREAD.model_copy(update={"activations": Spread(mean=2e6, low=2e6, high=2e6)})
    row = record("experts", count_spread=same)
    ((_, sentence),) = unsteady(row)
    assert "activations" not in sentence
    assert (COSTS["macs"].ends(row), COSTS["activations"].ends(row)) == ((1e9, 4e9), None)
    assert (COSTS["macs"].mark(row), COSTS["activations"].mark(row)) == ("±", "")
