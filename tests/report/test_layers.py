"""Layers by module and the roofline's figures, numbers by hand (see records.with_layers)."""

from __future__ import annotations

from typing import Any

import pytest

from esrbench.report.layers import WHOLE, layer_groups, layers_of
from esrbench.report.roofline import ceilings_of, newest_ceilings, point_of, roofline_of
from esrbench.results.record import RunRecord
from tests.report.records import failed, record, runtime, with_layers


def with_rows(rows: Any) -> RunRecord:
    one = record("a")
    assert one.complexity is not None
    counted = one.complexity.model_copy(update={"facts": {"layers": rows}})
    return one.model_copy(update={"complexity": counted})


def row(module: str, ms: float, operator: str = "aten::convolution") -> dict[str, object]:
    return {"module": module, "operator": operator, "calls": 1, "ms": ms, "macs": 1, "bytes": 1}


def test_groups_by_the_first_part_of_the_path_slowest_first() -> None:
    """40 + 10 of 80 ms is over half, so block_1 is split into itself and its convolution."""
    groups = layer_groups(layers_of(with_layers(record("a"))))
    assert [(g.name, g.ms) for g in groups] == [
        ("block_1.conv", 40.0), ("block_2", 25.0), ("block_1", 10.0), (WHOLE, 5.0),
    ]  # fmt: skip
    assert groups[0].share == 0.5
    assert groups[1].macs == 2e9
    assert groups[2].bytes == 2e8


def test_one_container_around_everything_is_split() -> None:
    rows = [row("net.body.0.conv", 3.5), row("net.body.1.conv", 4.0), row("net.tail", 3.0)]
    names = [g.name for g in layer_groups(layers_of(with_rows(rows)))]
    assert names == ["net.body.1", "net.body.0", "net.tail"]


def test_one_slow_layer_stays_one_group() -> None:
    rows = [row("a.b.c", 9.0), row("d", 1.0)]
    assert [g.name for g in layer_groups(layers_of(with_rows(rows)))] == ["a", "d"]


@pytest.mark.parametrize("rows", [None, 3, "text", [3], [{}], [{"ms": "fast"}], [row("a", -1.0)]])
def test_what_is_no_list_of_layers_is_none(rows: Any) -> None:
    assert layers_of(with_rows(rows)) == []


def test_the_sentence_says_what_binds() -> None:
    found = roofline_of(with_layers(record("a", runtime_ms=runtime(100.0))))
    assert found is not None
    assert found.sentence == (
        "Held back most by memory traffic. No forward of this network can take less than 50.0 ms "
        "here; it takes 100 ms, so the device does 50 % of what it could."
    )
    assert [(b.name, b.ms, b.part) for b in found.bars][:4] == [
        ("Measured", 100.0, 1.0), ("Floor", 50.0, 0.5), ("Arithmetic alone", 50.0, 0.5),
        ("Memory alone", 100.0, 1.0),
    ]  # fmt: skip
    assert [b.name for b in found.bars if b.tone == "held"] == ["Memory alone"]


def test_faster_than_possible_is_not_believed() -> None:
    one = with_layers(record("a", runtime_ms=runtime(20.0)), share=2.5, impossible=True)
    found = roofline_of(one)
    assert found is not None
    assert found.impossible
    assert "do not believe this row" in found.sentence


def test_intensity_and_rate_of_a_forward() -> None:
    """5 GMAC over 1 GB; 5 GMAC in 100 ms."""
    assert point_of(with_layers(record("a", runtime_ms=runtime(100.0)))) == (5.0, 5e10)
    assert point_of(record("a")) is None
    assert point_of(failed("a")) is None


def test_ceilings_are_of_the_precision_and_of_the_newest_record() -> None:
    one = with_layers(record("a", precision="fp16"))
    found = ceilings_of(one)
    assert found is not None
    assert (found.macs_per_s, found.precision) == (4e11, "fp16")
    newer = with_layers(
        record("b", created="2026-02-01T00:00:00+00:00"),
        ceilings={"copy_bytes_per_s": 2e10, "macs_per_s": {"fp32": 3e11}},
    )
    newest = newest_ceilings([newer, record("c"), one])
    assert newest is not None
    assert newest.bytes_per_s == 2e10
    assert newest_ceilings([record("c")]) is None


@pytest.mark.parametrize(
    "changes", [{"share": None}, {"floor_ms": "x"}, {"memory_ms": float("nan")}]
)
def test_a_roofline_that_lacks_a_figure_is_none(changes: dict[str, Any]) -> None:
    assert roofline_of(with_layers(record("a"), **changes)) is None
    assert ceilings_of(with_layers(record("a"), ceilings=[1])) is None
