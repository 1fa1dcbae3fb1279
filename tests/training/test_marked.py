"""A record made with weights trained here says so, and the leaderboard's row shows it."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from esrbench.data.catalogue import load_catalogue
from esrbench.judge.bench import Bench
from esrbench.judge.machine import Machine
from esrbench.judge.options import Options
from esrbench.judge.score import score
from esrbench.protocol.schema import Protocol, Timing
from esrbench.report.badges import known
from esrbench.results.record import RunRecord
from esrbench.submission.find import find
from esrbench.submission.weights import sha256_of

MODEL = """\
import torch
from torch import nn

class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.shade = nn.Parameter(torch.zeros(3))

    def forward(self, x):
        x = x.repeat_interleave(4, dim=2).repeat_interleave(4, dim=3)
        return x + self.shade.reshape(1, 3, 1, 1)

def build():
    return Network()
"""
TIMING = Timing(shapes=("24x32",), baseline=None, min_blocks=2, max_seconds=0.1)
SMALL = Protocol(
    name="small", title="Small", datasets=("skimage8",), metrics=("psnr_y",),
    reference_input="1x3x32x32", timing=TIMING,
)  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "shaded"
    path.mkdir()
    (path / "model.py").write_text(MODEL)
    save_file({"shade": torch.full((3,), 0.5)}, path / "own.safetensors")
    sha256 = sha256_of(path / "own.safetensors")
    (path / "submission.yaml").write_text(
        "name: shaded\nweights: {reason: nobody shares them}\n"
        f"own_weights: {{4: {{file: own.safetensors, sha256: {sha256}, note: a shade}}}}\n"
    )
    return path


def _record(folder: Path, results: Path, choice) -> RunRecord:
    options = Options(
        protocol=SMALL, catalogue=load_catalogue(), machine=Machine(threads=1), results=results,
        offline=True, timing=False, weights=choice,
    )  # fmt: skip
    with Bench(options) as bench:
        return score(find(str(folder)), bench)


def test_trained_here_is_told(folder: Path, tmp_path: Path) -> None:
    own = _record(folder, tmp_path / "results", None)
    assert (own.status, own.reason) == ("ok", None)
    assert own.about.weights_origin == "trained here (a shade)"
    assert own.weights_sha256 == sha256_of(folder / "own.safetensors")
    assert "own-weights" in own.flags
    assert known("own-weights").label == "trained here"
    assert own.quality["skimage8"]["psnr_y"] < 15  # half a range too bright: they were loaded


@pytest.mark.slow
def test_official_means_none_of_ours(folder: Path, tmp_path: Path) -> None:
    official = _record(folder, tmp_path / "results", "official")
    assert "own-weights" not in official.flags
    assert "no-weights" in official.flags
    assert "nobody shares them" in (official.reason or "")
