"""What tables read of a record's protocol, whatever version wrote it."""

from __future__ import annotations

from typing import Any

import pytest

from esrbench.protocol.load import load_protocol
from esrbench.protocol.recorded import RecordedProtocol, recorded

# spec, what is read of it
READ: list[tuple[dict[str, Any], RecordedProtocol]] = [
    ({}, RecordedProtocol()),
    ({"title": None, "datasets": None, "rank_by": None, "thresholds": None}, RecordedProtocol()),
    ({"datasets": "Set5", "metrics": 3, "rank_by": ["psnr_y"]}, RecordedProtocol()),
    ({"rank_by": {"metric": "params"}}, RecordedProtocol(ranked_by="params")),
    (
        {"thresholds": {"A": {"psnr_y": 30, "ssim_y": "high"}, "B": 3}},
        RecordedProtocol(thresholds={"A": {"psnr_y": 30.0}}),
    ),
    (
        {"of_a_later_version": {"deep": [1]}, "score": "ntire2026"},
        RecordedProtocol(score="ntire2026"),
    ),
]


@pytest.mark.parametrize(("spec", "read"), READ)
def test_what_is_lacking_or_garbled_is_empty(spec: dict[str, Any], read: RecordedProtocol) -> None:
    assert recorded(spec) == read


@pytest.mark.parametrize("name", ["quick", "classic", "ntire2022", "ntire2026"])
def test_a_protocol_of_today_is_read_whole(name: str) -> None:
    protocol = load_protocol(name)
    read = recorded(protocol.model_dump(mode="json"))
    assert (read.title, read.datasets, read.metrics) == (
        protocol.title, protocol.datasets, protocol.metrics,
    )  # fmt: skip
    assert read.thresholds == protocol.thresholds
    assert read.score == (protocol.score or "")
    assert read.ranked_by == (protocol.rank_by.metric if protocol.rank_by else "")


# metrics in order, the colour of the first PSNR
COLOURS = [
    (("psnr_rgb", "psnr_y"), "rgb"), (("ssim_y", "psnr_y_pooled"), "y"), ((), "y"),
]  # fmt: skip


@pytest.mark.parametrize(("metrics", "colour"), COLOURS)
def test_the_colour_is_that_of_the_first_psnr(metrics: tuple[str, ...], colour: str) -> None:
    assert RecordedProtocol(metrics=metrics).colour == colour
