"""A finished run's files beside its model, and the manifest's lines for them."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from esrbench.errors import UsageError
from esrbench.submission.find import find
from esrbench.submission.weights import choose_weights, locate_weights
from training import ship as shipping
from training.ship import ship
from training.train import main


@pytest.fixture
def run(recipe_file: Path, train_dir: Path, tmp_path: Path) -> Path:
    out = tmp_path / "run"
    options = ["--device", "cpu", "--train-dir", str(train_dir), "--epochs", "1"]
    assert main([str(recipe_file), *options, "--out", str(out)]) == 0
    return out


def test_the_manifest_with_the_printed_lines_finds_them(run: Path, recipe_file: Path) -> None:
    lines = ship(run)
    folder = recipe_file.parent / "tiny"
    manifest = folder / "submission.yaml"
    manifest.write_text(manifest.read_text() + lines)
    chosen = choose_weights(find(str(folder), scale=2), "own", offline=True)
    assert chosen.weights is None  # it says that it needs none: nothing to choose
    manifest.write_text(manifest.read_text() + "weights: {reason: not public}\n")
    chosen = choose_weights(find(str(folder), scale=2), None, offline=True)
    assert locate_weights(chosen, offline=True) == folder / "trained_here" / "tiny_x2.safetensors"
    assert chosen.weights_origin == "trained here (4 iterations)"
    assert (folder / "trained_here" / "tiny_x2.jsonl").read_text() == (
        run / "log.jsonl"
    ).read_text()
    assert yaml.safe_load(lines)["own_weights"].keys() == {2}


def test_what_is_not_finished_or_too_large_is_refused(run: Path, monkeypatch) -> None:
    monkeypatch.setattr(shipping, "LARGEST", 100)
    with pytest.raises(UsageError, match="at most 100"):
        ship(run)
    (run / "curve.png").unlink()
    with pytest.raises(UsageError, match=r"no curve.png"):
        ship(run)
    (run / "checkpoint.pt").unlink()
    with pytest.raises(UsageError, match="does not exist"):
        ship(run)
