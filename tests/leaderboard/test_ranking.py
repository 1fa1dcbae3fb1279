"""Order, ties and what stands apart."""

from __future__ import annotations

import math

import pytest

from esrbench.leaderboard.table import Table, build_table, build_tables
from esrbench.leaderboard.thresholds import misses
from esrbench.report.badges import badges_of
from tests.report.records import GPU, awkward, failed, quality, record, runtime, without_weights


def ranks(table: Table) -> dict[str, int | None]:
    return {row.record.label: row.rank for row in table.rows}


def test_by_the_protocols_metric_unrounded() -> None:
    rows = [
        record("a", quality={"skimage8": {"psnr_y": 30.001}}),
        record("b", quality={"skimage8": {"psnr_y": 30.002}}),
        record("c", quality={"skimage8": {"psnr_y": 30.001}}),
    ]
    table = build_tables(rows)[0]
    assert ranks(table) == {"b": 1, "a": 2, "c": 2}
    assert [row.tied for row in table.rows] == [False, True, True]
    assert table.rule.title == "PSNR Y on skimage8, higher is better"


@pytest.mark.parametrize("value", [None, math.nan])
def test_what_misses_the_figure_stands_apart(value: float | None) -> None:
    rows = [record("a"), record("b", quality={"skimage8": {"psnr_y": value}})]
    table = build_tables(rows)[0]
    assert ranks(table) == {"a": 1, "b": None}
    assert table.rows[-1].apart == "no PSNR Y on skimage8"


def test_the_records_own_reason_is_given() -> None:
    gone = record("b", quality={"skimage8": {}}, missing={"psnr_y": "HR is not there"})
    assert build_tables([record("a"), gone])[0].rows[-1].apart == (
        "no PSNR Y on skimage8: HR is not there"
    )


def test_an_infinite_psnr_is_first() -> None:
    rows = [record("a"), record("same", quality={"skimage8": {"psnr_y": math.inf}})]
    assert ranks(build_tables(rows)[0]) == {"same": 1, "a": 2}


def test_failed_rejected_and_without_weights() -> None:
    rows = [
        record("a"),
        failed("f"),
        failed("r", "rejected", reason="It cheats."),
        without_weights("w"),
    ]
    table = build_tables(rows)[0]
    apart = {row.record.label: row.apart or "" for row in table.rows if row.rank is None}
    assert apart["f"].startswith("failed: The child process died")
    assert apart["r"] == "rejected: It cheats."
    assert apart["w"].startswith("No weights at hand")


def ntire(name: str, valid: float, ratio: float, **changes: object) -> object:
    return record(
        name, device=GPU, protocol_name="ntire2026", runtime_ms=runtime(7.74 * ratio, ratio=ratio),
        macs=9833807872, params=150_688,
        quality={"DIV2K_LSDIR_valid": {**quality(33.0), "psnr_rgb": valid}}, **changes,
    )  # fmt: skip


def test_thresholds_hold_unrounded_and_the_official_rank_stands_beside() -> None:
    """PDS of 2026: 26.8964 dB is under 26.90, which the challenge's rounding lets through."""
    table = build_tables(
        [ntire("pds", 26.8964, 0.8), ntire("span", 26.94, 1.0), ntire("low", 26.8, 0.5)]
    )[0]
    by_name = {row.record.label: row for row in table.rows}
    assert (by_name["pds"].rank, by_name["pds"].official_rank) == (None, 1)
    assert (by_name["span"].rank, by_name["span"].official_rank) == (1, 2)
    assert (by_name["low"].rank, by_name["low"].official_rank) == (None, None)
    assert by_name["pds"].apart == (
        "PSNR RGB on DIV2K_LSDIR_valid 26.8964 dB is under 26.90 "
        "(rounded to 26.90 it would have passed)"
    )


def test_a_cost_over_its_limit_takes_a_row_out_and_is_named() -> None:
    rows = [ntire("small", 27.0, 0.9), ntire("slow", 27.0, 1.02), ntire("untimed", 27.0, 1.0)]
    for row in rows:
        row.protocol_spec["cost_limits"] = {"params": 150_688, "runtime_ratio": 1.0}
    rows[2].runtime_ms = None
    by_name = {row.record.label: row for row in build_tables(rows)[0].rows}
    assert by_name["small"].rank == 1  # as much as it may have is not over
    assert (by_name["slow"].rank, by_name["slow"].official_rank) == (None, None)
    assert "runtime ÷ baseline 1.02 is over 1" in (by_name["slow"].apart or "")
    assert "over-limit" in {badge.code for badge in badges_of(by_name["slow"])}
    assert by_name["untimed"].rank is None


def test_of_a_metric_that_is_better_lower_the_threshold_is_the_greatest() -> None:
    row = record("a", quality={"Set5": {**quality(30.0), "lpips_alex": 0.21}})
    row.protocol_spec["thresholds"] = {"Set5": {"lpips_alex": 0.2, "psnr_y": 29.0}}
    assert [miss.sentence() for miss in misses(row, 2)] == ["LPIPS on Set5 0.2100 is over 0.20"]


def test_without_the_formulas_inputs_the_metric_ranks() -> None:
    rows = [ntire("a", 27.0, 1.0), ntire("b", 27.1, 1.0)]
    for row in rows:
        row.runtime_ms = None
    table = build_tables(rows)[0]
    assert table.rule.key == "DIV2K_LSDIR_valid.psnr_rgb"
    assert "no row has every figure" in (table.rule.note or "")
    assert ranks(table) == {"b": 1, "a": 2}


def test_the_frame_has_every_row_once() -> None:
    frame = build_table(awkward())
    assert len(frame) == len(awkward())
    assert frame["rank"].dtype == "Int64"
    assert frame.loc[frame["submission"] == "crasher", "rank"].isna().all()


def test_no_records() -> None:
    assert build_tables([]) == []
    assert build_table([]).empty
