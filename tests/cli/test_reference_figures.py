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


@pytest.mark.quick_cases(1)
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


# submission, scale, PSNR Y, SSIM Y: the authors' networks and weights on Set5, run with published
# evaluation code, to the last digit that was noted. Its LR images are those with a replicated
# border: with the others every figure is about 0.002 dB lower.
OFFICIAL = [
    ("smsr", 2, "37.993", "0.9602"),
    ("nlffc", 4, "29.56", "0.8430"),
    ("ramit/ramit-1", 4, "32.539", "0.8987"),
    ("ramit/ramit-1", 3, "34.621", "0.9292"),
    ("ramit/ramit-1", 2, "38.186", "0.9612"),
    ("ramit/slimsr", 4, "32.474", "0.8980"),
    ("ramit/slimsr", 3, "34.598", "0.9289"),
    ("ramit/slimsr", 2, "38.143", "0.9611"),
    ("fiwhn", 4, "32.310", "0.8963"),
    ("fiwhn", 3, "34.471", "0.9278"),
    ("arm/carn-36", 4, "31.2886", "0.8813"),
    ("arm/carn-52", 4, "31.6578", "0.8876"),
    ("arm/carn-64", 4, "31.9407", "0.8914"),
    ("arm/fsrcnn-16", 4, "29.6911", "0.8421"),
    ("arm/fsrcnn-36", 4, "30.4214", "0.8638"),
    ("arm/fsrcnn-56", 4, "30.6212", "0.8686"),
    ("pcsr/carn", 4, "31.8157", "0.8887"),
    ("pcsr/carn-hard", 4, "31.8623", "0.8907"),
    ("pcsr/carn-easy", 4, "30.8551", "0.8745"),
    ("pcsr/carn-baseline", 4, "31.8229", "0.8909"),
    ("pcsr/fsrcnn", 4, "30.8932", "0.8737"),
    ("pcsr/fsrcnn-hard", 4, "30.9310", "0.8755"),
    ("pcsr/fsrcnn-easy", 4, "29.8590", "0.8504"),
    ("pcsr/fsrcnn-baseline", 4, "30.6876", "0.8700"),
]


COUNTED_SMALL = """
name: set5
title: Set5 alone, counted at a size that takes no time
datasets: ["Set5:oldmatlab"]
metrics: [psnr_y, ssim_y]
reference_input: 1x3x64x64
rank_by: {metric: psnr_y, dataset: "Set5:oldmatlab"}
"""


@pytest.mark.slow
@pytest.mark.parametrize(("label", "scale", "psnr", "ssim"), OFFICIAL)
def test_official_weights_on_set5(
    label: str, scale: int, psnr: str, ssim: str, data_root: Path, weights_dir: Path, tmp_path: Path
) -> None:
    protocol = tmp_path / "set5.yaml"
    protocol.write_text(COUNTED_SMALL)
    done = run(
        "score", label, "--protocol", str(protocol), "--scale", str(scale),
        "--data-root", str(data_root), "--weights-dir", str(weights_dir), "--offline",
        "--results", str(tmp_path / "results"), "--no-timing", "--json",
        seconds=3600,
    )  # fmt: skip
    (record,) = json.loads(done.stdout)["records"]
    if record["weights_status"] == "missing":
        pytest.skip(record["reason"])
    assert done.returncode == 0, done.stderr
    means = record["quality"]["Set5:oldmatlab"]
    unit = 10.0 ** -len(psnr.partition(".")[2])  # PCSR's hard choices may flip a pixel
    assert means["psnr_y"] == pytest.approx(float(psnr), rel=0, abs=unit)
    assert means["ssim_y"] == pytest.approx(float(ssim), rel=0, abs=1e-4)


def test_bicubic_on_set5_is_matlabs(data_root: Path, tmp_path: Path) -> None:
    done = run(
        "score", "bicubic", "--dataset", "Set5", "--data-root", str(data_root), "--offline",
        "--results", str(tmp_path), "--no-timing", "--json",
    )  # fmt: skip
    (record,) = json.loads(done.stdout)["records"]
    assert f"{record['quality']['Set5']['psnr_y']:.2f}" == "28.42"
    assert f"{record['quality']['Set5']['ssim_y']:.4f}" == "0.8104"
