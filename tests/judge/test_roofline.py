"""Arithmetic of the roofline, by hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from esrbench.judge.machine import Machine
from esrbench.judge.roofline import better, device_ceilings, roofline
from esrbench.runner.answers import Ceilings, LayerRow

CEILINGS = {"copy_bytes_per_s": 1e9, "macs_per_s": {"fp32": 1e9, "fp16": 4e9}, "launch_s": 1e-3}


def layer(macs: int, moved: int, calls: int) -> LayerRow:
    """One row of the table of layers."""
    return LayerRow(module="", operator="conv", calls=calls, ms=1.0, macs=macs, bytes=moved)


# layers, track, compulsory bytes, median ms -> bound, floor ms, share
CASES = [
    ([layer(20_000_000, 1_000_000, 2)], "fp32", 100_000, 40.0, "arithmetic", 20.0, 0.5),
    ([layer(20_000_000, 8_000_000, 2)], "fp16", 100_000, 10.0, "memory", 5.0, 0.5),
    ([layer(1_000_000, 1_000_000, 30)], "fp32", 2_000_000, 40.0, "launches", 2.0, 0.05),
    ([layer(0, 4_000_000, 1)], "tf32", 2_000_000, 4.0, "memory", 2.0, 0.5),
]


@pytest.mark.parametrize(("layers", "track", "moved", "median", "bound", "floor", "share"), CASES)
def test_what_binds(layers, track, moved, median, bound, floor, share) -> None:
    found = roofline(layers, CEILINGS, track=track, compulsory_bytes=moved, median_ms=median)
    assert found.bound == bound
    assert found.floor_ms == pytest.approx(floor)
    assert found.share == pytest.approx(share)
    assert not found.impossible


def test_faster_than_the_floor_is_impossible() -> None:
    layers = [layer(100_000_000, 1, 1)]
    for median, impossible in ((69.0, True), (71.0, False)):
        found = roofline(layers, CEILINGS, track="fp32", compulsory_bytes=1, median_ms=median)
        assert found.impossible is impossible


def test_of_two_measurements_the_better_is_kept() -> None:
    busy = {"copy_bytes_per_s": 4e8, "macs_per_s": {"fp32": 2e9, "bf16": 1e9}, "launch_s": 5e-3}
    assert better(CEILINGS, busy) == {
        "copy_bytes_per_s": 1e9,
        "macs_per_s": {"fp32": 2e9, "fp16": 4e9, "bf16": 1e9},
        "launch_s": 1e-3,
    }


@pytest.mark.slow
def test_ceilings_that_were_beaten_are_measured_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("esrbench.bundled.cache", lambda: tmp_path)
    machine = Machine(threads=1)
    first = device_ceilings(machine, "a device", {})
    (kept,) = (tmp_path / "ceilings").iterdir()
    slow = {**first, "macs_per_s": dict.fromkeys(first["macs_per_s"], 1.0)}
    kept.write_text(json.dumps(slow))
    assert device_ceilings(machine, "a device", {}) == slow
    again = device_ceilings(machine, "a device", {}, again=True)
    assert again["macs_per_s"]["fp32"] > 1e6
    assert again == json.loads(kept.read_text())


DAMAGED = [b"[" * 100_000, b"[1]", b'{"copy_bytes_per_s": "x"}', b"\xff", b""]


@pytest.mark.parametrize("kept", DAMAGED, ids=range(len(DAMAGED)))
def test_kept_ceilings_that_are_damaged_are_measured_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kept: bytes
) -> None:
    asked: list[object] = []

    class Asked:
        def __enter__(self) -> Asked:
            return self

        def __exit__(self, *_: object) -> None: ...

        def ask(self, request: object) -> Ceilings:
            asked.append(request)
            return Ceilings.model_validate(CEILINGS)

    monkeypatch.setenv("ESRBENCH_CACHE", str(tmp_path))
    monkeypatch.setattr("esrbench.judge.roofline.open_runner", lambda machine: Asked())
    machine = Machine(threads=1)
    assert device_ceilings(machine, "a device", {}) == CEILINGS
    (file,) = (tmp_path / "ceilings").iterdir()
    assert device_ceilings(machine, "a device", {}) == CEILINGS
    assert len(asked) == 1
    file.write_bytes(kept)
    assert device_ceilings(machine, "a device", {}) == CEILINGS
    assert len(asked) == 2
