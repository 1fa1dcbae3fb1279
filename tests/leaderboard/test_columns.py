"""What is read from a record, and how many decimals it is printed with."""

from __future__ import annotations

import math

import pytest

from esrbench.leaderboard.columns import columns_for, quality_column
from esrbench.quantities.costs import COSTS, runtime_ms
from esrbench.quantities.quantity import number
from tests.report.records import failed, record, runtime

MACS = COSTS["macs"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [(None, None), (math.nan, None), (math.inf, math.inf), (3, 3.0), (True, None), ("3", None)],
)
def test_number(value: object, expected: float | None) -> None:
    assert number(value) == expected


@pytest.mark.parametrize(
    ("values", "decimals"),
    [([9.8e9], 3), ([58e9, 19e9, 9e9], 2), ([150e9], 1), ([None], 3), ([0.0, None], 3), ([4e7], 5)],
)
def test_adaptive_decimals_follow_the_typical_value(
    values: list[float | None], decimals: int
) -> None:
    assert MACS.decimals(values) == decimals


def test_runtime_is_the_median_and_under_ntires_policy_the_mean() -> None:
    assert runtime_ms(record("a", runtime_ms=runtime(10.0))) == 10.0
    assert runtime_ms(record("a", runtime_ms=runtime(10.0, policy="ntire"))) == pytest.approx(10.1)
    assert runtime_ms(failed()) is None


def test_the_other_colour_starts_hidden() -> None:
    shown = {c.key: c.shown for c in columns_for([record("a")])}
    assert shown["skimage8.psnr_y"]
    assert not shown["skimage8.psnr_rgb"]
    ntire = {c.key: c for c in columns_for([record("a", protocol_name="ntire2026")])}
    assert ntire["DIV2K_LSDIR_valid.psnr_rgb"].shown
    assert not ntire["DIV2K_LSDIR_valid.psnr_y"].shown
    assert ntire["macs"].heading == "FLOPs"


def test_an_unregistered_metric_still_has_a_column() -> None:
    assert quality_column("Set5", "mine").heading == "mine"
    assert "skimage8.mine" in {
        c.key for c in columns_for([record("a", quality={"skimage8": {"mine": 1.0}})])
    }


def test_failed_rows_alone_have_no_columns() -> None:
    assert columns_for([failed()]) == []


def test_energy_is_a_column_only_where_a_record_has_it() -> None:
    plain, metered = record("a"), record("b", runtime_ms=runtime(10.0, energy=0.0125))
    assert "energy_j" not in {c.key for c in columns_for([plain])}
    column = next(c for c in columns_for([plain, metered]) if c.key == "energy_j")
    assert (column.unit, column.value(metered), column.value(plain)) == ("J", 0.0125, None)


def test_a_metric_that_no_record_has_a_value_of_starts_hidden() -> None:
    scored = record("a", quality={"Set5": {"psnr_y": 31.0, "lpips_alex": None}})
    shown = {c.key: c.shown for c in columns_for([scored]) if c.group == "Set5"}
    assert shown == {"Set5.psnr_y": True, "Set5.lpips_alex": False}
