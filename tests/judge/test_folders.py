"""SR and HR images whose sizes differ: only what a scale's mod-crop explains is cut."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from esrbench.data.images import write_png
from esrbench.data.sr_folders import SrPair, SrSet
from esrbench.errors import UsageError
from esrbench.judge.folders import common_scale, score_set
from esrbench.judge.progress import Silent
from esrbench.metrics.psnr import psnr
from esrbench.metrics.scorer import Scorer

RANDOM = np.random.default_rng(0)


def _pair(folder: Path, sr: np.ndarray, hr: np.ndarray, name: str = "a") -> SrPair:
    write_png(folder / "sr" / f"{name}.png", sr)
    write_png(folder / "hr" / f"{name}.png", hr)
    return SrPair(name, folder / "sr" / f"{name}.png", folder / "hr" / f"{name}.png")


def _noise(*shape: int) -> np.ndarray:
    return RANDOM.integers(0, 256, shape, dtype=np.uint8)


# sizes (height, width) of SR and HR, the scale that is said, the scale that explains them
EXPLAINED = [
    ([((40, 44), (40, 44))], None, 1),
    ([((40, 44), (42, 47))], None, 4),  # 42 % 4 = 2, 47 % 4 = 3
    ([((42, 45), (43, 47))], None, 3),  # 43 % 3 = 1, 47 % 3 = 2
    ([((40, 44), (41, 44)), ((40, 44), (40, 44))], None, 2),
    ([((40, 40), (47, 46))], 8, 8),
]


@pytest.mark.parametrize(("sizes", "said", "scale"), EXPLAINED)
def test_what_a_scale_explains(
    sizes: list[tuple[tuple[int, int], tuple[int, int]]],
    said: int | None,
    scale: int,
    tmp_path: Path,
) -> None:
    pairs = [
        _pair(tmp_path, _noise(*sr, 3), _noise(*hr, 3), str(i)) for i, (sr, hr) in enumerate(sizes)
    ]
    assert common_scale(pairs, said) == scale


REFUSED = [
    ([((280, 280), (288, 288))], None, "is 280x280 and"),  # a border of 4 pixels was lost
    ([((283, 281), (288, 288))], None, "is 281x283 and"),
    ([((40, 40), (47, 46))], None, "say another with --scale"),  # x8 would, unsaid
    ([((40, 44), (42, 47))], 2, "no one scale of x2"),
    ([((40, 40), (43, 43)), ((39, 39), (40, 40))], None, "no one scale"),  # x4, then x3
    ([((48, 48), (40, 40))], None, "is 48x48 and"),
]  # fmt: skip


@pytest.mark.parametrize(("sizes", "said", "says"), REFUSED)
def test_anything_else_is_refused_with_both_sizes(
    sizes: list[tuple[tuple[int, int], tuple[int, int]]],
    said: int | None,
    says: str,
    tmp_path: Path,
) -> None:
    pairs = [
        _pair(tmp_path, _noise(*sr, 3), _noise(*hr, 3), str(i)) for i, (sr, hr) in enumerate(sizes)
    ]
    with pytest.raises(UsageError) as refusal:
        common_scale(pairs, said)
    assert says in str(refusal.value)


def _score(pair: SrPair, crop: int = 0) -> dict[str, float | None]:
    scorer = Scorer(["psnr_rgb", "psnr_rgb_pooled"], crop=crop)
    one = SrSet("", (pair,), None)
    return score_set(one, scorer, crop=crop, scale=None, progress=Silent()).means


def test_hr_is_cut_at_the_bottom_and_right(tmp_path: Path) -> None:
    hr = _noise(42, 47, 3)
    sr = hr[:40, :44] ^ 1
    means = _score(_pair(tmp_path, sr, hr), crop=4)
    assert means["psnr_rgb"] == psnr(sr, hr[:40, :44], channel="rgb", crop=4)
    assert means["psnr_rgb_pooled"] == pytest.approx(means["psnr_rgb"], abs=1e-9)


def test_a_grey_hr_is_repeated_and_a_grey_sr_is_not(tmp_path: Path) -> None:
    """Set14's bridge has one channel, and published figures repeat it; Y alone is no RGB image."""
    grey = _noise(40, 40)
    rgb = np.repeat(grey[:, :, None], 3, axis=2)
    assert _score(_pair(tmp_path, rgb ^ 1, grey))["psnr_rgb"] == pytest.approx(48.13, abs=0.01)
    assert _score(_pair(tmp_path, grey ^ 1, grey))["psnr_rgb"] == pytest.approx(48.13, abs=0.01)
    with pytest.raises(UsageError, match=r"greyscale and .* is RGB"):
        _score(_pair(tmp_path, grey, rgb))


SMALL = {
    ("ssim_y", 4): "SSIM Y: The image is 12x12 and a crop border of 4 leaves 4x4; it needs",
    ("psnr_rgb", 6): "PSNR RGB: The image is 12x12 and a crop border of 6 leaves 0x0; it needs",
}


@pytest.mark.parametrize(("metric", "crop"), SMALL)
def test_an_image_too_small_is_named_with_the_metric(
    metric: str, crop: int, tmp_path: Path
) -> None:
    pair = _pair(tmp_path, _noise(12, 12, 3), _noise(12, 12, 3))
    one, scorer = SrSet("", (pair,), None), Scorer([metric], crop=crop)
    with pytest.raises(UsageError) as refusal:
        score_set(one, scorer, crop=crop, scale=None, progress=Silent())
    assert str(refusal.value).startswith(f"{pair.sr}: {SMALL[metric, crop]}")
