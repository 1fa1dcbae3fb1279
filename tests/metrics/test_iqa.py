"""DISTS and NIQE: what is said where the extra or its weights are not there, and the wiring."""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch

from esrbench.errors import UnavailableError, UsageError
from esrbench.metrics import backbones, iqa
from esrbench.metrics.scorer import Scorer
from esrbench.metrics.setting import Setting
from tests.metrics.reference import read


@pytest.fixture
def no_pyiqa(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyiqa", None)


class _Peer(torch.nn.Module):
    """In place of pyiqa's models: the mean difference to a reference, or the mean."""

    def __init__(self, pretrained_model_path: str, color_space: str = "") -> None:
        super().__init__()
        assert Path(pretrained_model_path).is_file()

    def forward(self, sr: torch.Tensor, hr: torch.Tensor | None = None) -> torch.Tensor:
        assert sr.dtype == torch.float32
        assert sr.shape[:2] == (1, 3)
        assert 0 <= sr.min() <= sr.max() <= 1
        return (sr if hr is None else sr - hr).mean()[None]


@pytest.fixture
def fake_pyiqa(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    def module(name: str, **members: Any) -> None:
        made = ModuleType(name)
        made.__dict__.update(members)
        monkeypatch.setitem(sys.modules, name, made)

    module("pyiqa")
    module("pyiqa.archs")
    module("pyiqa.archs.dists_arch", DISTS=_Peer)
    module("pyiqa.archs.niqe_arch", NIQE=_Peer)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    (tmp_path / "weights").mkdir()
    return tmp_path / "weights"


@pytest.mark.usefixtures("no_pyiqa")
@pytest.mark.parametrize("key", ["dists", "niqe"])
def test_the_extra_is_named(key: str) -> None:
    scorer = Scorer([key], crop=4)
    assert scorer.missing[key].endswith("pip install 'esrbench[iqa]'")
    assert scorer.missing[key].startswith(key.upper())


@pytest.mark.parametrize(
    ("key", "file"), [("dists", "DISTS_weights-f5e65c96.pth"), ("niqe", "niqe_modelparameters.mat")]
)
def test_missing_weights_are_named(fake_pyiqa: Path, key: str, file: str) -> None:
    scorer = Scorer([key], crop=4, weights_dir=fake_pyiqa, offline=True)
    assert f"{file} is neither in the weights folder" in scorer.missing[key]


def test_what_has_no_checksum_is_never_downloaded(
    fake_pyiqa: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.hub, "download_url_to_file", lambda *_, **__: pytest.fail("asked"))
    scorer = Scorer(["niqe"], crop=4, weights_dir=fake_pyiqa, offline=False)
    assert "fetch https://" in scorer.missing["niqe"]


def test_a_file_that_is_not_what_its_name_says(fake_pyiqa: Path) -> None:
    (fake_pyiqa / "DISTS_weights-f5e65c96.pth").write_bytes(b"<html>")
    with pytest.raises(UnavailableError, match="is not the file its name says"):
        iqa.open_metric({"name": "dists"}, Setting(0, weights_dir=fake_pyiqa))


def test_niqe_sees_sr_alone(fake_pyiqa: Path) -> None:
    (fake_pyiqa / "niqe_modelparameters.mat").write_bytes(b"")
    scorer = Scorer(["niqe"], crop=4, weights_dir=fake_pyiqa)
    sr, hr = np.full((192, 200, 3), 51, np.uint8), np.zeros((192, 200, 3), np.uint8)
    assert scorer.score(sr, hr)["niqe"] == pytest.approx(0.2)
    with pytest.raises(UsageError, match="at least 192x192"):
        scorer.score(sr[1:], hr[1:])


def test_dists_puts_the_backbone_where_pyiqa_looks(
    fake_pyiqa: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = {f"features.{i}.weight": torch.zeros(1) for i in range(26)}
    torch.save(state, fake_pyiqa / "vgg.pth")
    digest = hashlib.sha256((fake_pyiqa / "vgg.pth").read_bytes()).hexdigest()
    name = f"vgg16-{digest[:8]}.pth"
    (fake_pyiqa / "vgg.pth").rename(fake_pyiqa / name)
    row = backbones.Backbone((name,), "vgg16_features.pth", 26, None)
    monkeypatch.setitem(backbones.BACKBONES, "vgg", row)
    content = b"weights"
    monkeypatch.setattr(iqa, "_DISTS", f"D-{hashlib.sha256(content).hexdigest()[:8]}.pth")
    (fake_pyiqa / iqa._DISTS).write_bytes(content)
    scorer = Scorer(["dists"], crop=4, weights_dir=fake_pyiqa)
    assert (backbones.torch_cache() / name).is_file()
    sr, hr = np.full((2, 40, 40, 3), 51, np.uint8)
    assert scorer.score(sr, hr) == {"dists": pytest.approx(0.0)}


def test_grey_is_repeated() -> None:
    grey = torch.full((1, 1, 4, 4), 255, dtype=torch.uint8)
    assert iqa._unit(grey).shape == (1, 3, 4, 4)
    assert iqa._unit(grey).max() == 1.0


def test_niqe_of_baboon_is_what_matlab_printed(data_root: Path) -> None:
    """MATLAB R2021a with the authors' parameters: 5.72957338, as BasicSR's niqe.py records it.

    Needs esrbench[iqa], and niqe_modelparameters.mat in the weights folder.
    """
    folder = Path(os.environ.get("ESRBENCH_WEIGHTS_DIR", "."))
    scorer = Scorer(["niqe"], crop=0, weights_dir=folder)
    if scorer.missing:
        pytest.skip(scorer.missing["niqe"])
    baboon = read(data_root / "Set14" / "HR" / "baboon.png")
    assert scorer.score(baboon, baboon)["niqe"] == pytest.approx(5.72957338, abs=5e-4)
