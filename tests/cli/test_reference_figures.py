"""`esrbench score` gives the figures that are known from elsewhere.

Params, MACs, activations, convs: the official code counted by fvcore (reference complexity table).
Y figures on Set5 x4: the official checkpoints with published evaluation code, and MATLAB's own
bicubic; see the README of the data folder.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.test_contract import run

# submission, variant, params, MACs, activations, convs, PSNR Y, SSIM Y
KNOWN = [
    ("span", "c28", 150_688, 9_833_807_872, 41_680_896, 22, "31.74", "0.8897"),
    ("rlfn", "ntire", 317_218, 19_674_859_520, 80_045_184, 39, "32.10", "0.8939"),
]


@pytest.mark.parametrize("row", KNOWN, ids=lambda row: row[0])
def test_span_and_rlfn_on_set5(row, data_root: Path, weights_dir: Path, tmp_path: Path) -> None:
    name, variant, params, macs, activations, convs, psnr, ssim = row
    done = run(
        "score", f"submissions/{name}", "--variant", variant, "--dataset", "Set5", "--scale", "4",
        "--data-root", str(data_root), "--weights-dir", str(weights_dir), "--offline",
        "--results", str(tmp_path), "--no-timing", "--json",
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (record,) = json.loads(done.stdout)["records"]
    assert record["params"] == params
    assert record["macs"] == macs
    assert record["activations"] == activations
    assert record["convs"] == convs
    assert f"{record['quality']['Set5']['psnr_y']:.2f}" == psnr
    assert f"{record['quality']['Set5']['ssim_y']:.4f}" == ssim
    assert record["flags"] == []


def test_bicubic_on_set5_is_matlabs(data_root: Path, tmp_path: Path) -> None:
    done = run(
        "score", "bicubic", "--dataset", "Set5", "--data-root", str(data_root), "--offline",
        "--results", str(tmp_path), "--no-timing", "--json",
    )  # fmt: skip
    (record,) = json.loads(done.stdout)["records"]
    assert f"{record['quality']['Set5']['psnr_y']:.2f}" == "28.42"
    assert f"{record['quality']['Set5']['ssim_y']:.4f}" == "0.8104"
