"""The scorer: what it returns, what it says is missing, and that batches change nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from esrbench.errors import UsageError
from esrbench.metrics.mean import mean_over_images
from esrbench.metrics.psnr import psnr
from esrbench.metrics.scorer import Scorer
from esrbench.metrics.ssim import ssim
from tests.metrics.reference import SET5, rcan_pair

KEYS = ("psnr_y", "ssim_y", "psnr_rgb", "ssim_rgb")


def pair(height: int, width: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    hr = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    return np.clip(hr + rng.normal(0, 9, hr.shape), 0, 255).astype(np.uint8), hr


def test_each_key_is_its_metric() -> None:
    sr, hr = pair(30, 34)
    assert Scorer(KEYS, crop=4).score(sr, hr) == {
        "psnr_y": psnr(sr, hr, channel="y", crop=4),
        "ssim_y": ssim(sr, hr, channel="y", crop=4),
        "psnr_rgb": psnr(sr, hr, channel="rgb", crop=4),
        "ssim_rgb": ssim(sr, hr, channel="rgb", crop=4),
    }


def test_signatures_carry_the_crop() -> None:
    assert Scorer(["psnr_y"], crop=3).signatures == {"psnr_y": "PSNR|y|crop:3|u8|mean-image|v1"}


def test_many_equals_one_by_one_in_order() -> None:
    pairs = [pair(30, 34, 1), pair(40, 22, 2), pair(30, 34, 3)]
    scorer = Scorer(KEYS, crop=2)
    assert scorer.score_many(pairs) == [scorer.score(*each) for each in pairs]


def test_a_device_scores_by_size_and_keeps_the_order() -> None:
    # "cpu:0" is a device to the scorer, so this runs the path that CUDA takes.
    pairs = [pair(30, 34, 1), pair(40, 22, 2), pair(30, 34, 3)]
    on_device = Scorer(KEYS, crop=2, device="cpu:0").score_many(pairs)
    for one, expected in zip(on_device, Scorer(KEYS, crop=2).score_many(pairs), strict=True):
        assert one == pytest.approx(expected, abs=1e-9)


def test_what_cannot_be_had_is_empty_and_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    scorer = Scorer(["psnr_y", "lpips_vgg"], crop=4, offline=True)
    assert scorer.score(*pair(40, 40))["lpips_vgg"] is None
    assert scorer.missing.keys() == {"lpips_vgg"}
    assert "vgg16-397923af.pth" in scorer.missing["lpips_vgg"]


def test_sizes_that_do_not_match() -> None:
    sr, hr = pair(30, 34)
    with pytest.raises(UsageError, match="SR is 30x33 RGB and HR is 30x34 RGB"):
        Scorer(KEYS, crop=4).score(sr[:, :-1], hr)


@pytest.mark.parametrize("device", ["cpu", "cpu:0"])
def test_too_small_for_ssim(device: str) -> None:
    with pytest.raises(UsageError, match="at least 11x11"):
        Scorer(KEYS, crop=4, device=device).score(*pair(18, 40))


@pytest.mark.slow
def test_rcan_means(data_root: Path) -> None:
    """PSNR and SSIM: MATLAB's "Mean" lines; LPIPS: the data's README (the lpips package)."""
    keys = ("psnr_y", "ssim_y", "lpips_alex", "lpips_squeeze")
    scorer = Scorer(keys, crop=4, data_root=data_root, offline=True)
    means, _ = mean_over_images(
        scorer.score_many([rcan_pair(data_root, name, 4) for name in SET5])  # type: ignore[misc]
    )
    assert scorer.missing == {}
    assert means["psnr_y"] == pytest.approx(32.633562, abs=1e-6)
    assert means["ssim_y"] == pytest.approx(0.900241, abs=1e-6)
    assert means["lpips_alex"] == pytest.approx(0.1692, abs=5e-5)
    assert means["lpips_squeeze"] == pytest.approx(0.1483, abs=5e-5)
