"""Each fault is made on purpose on photographs that scikit-image ships, and must be named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from scipy import ndimage
from skimage import data

from esrbench.data.matlab_resize import matlab_bicubic
from esrbench.metrics.diagnose import diagnose
from esrbench.metrics.displacement import displacement
from tests.metrics.reference import mod_crop, read

SCALE = 4
PHOTOS = ("astronaut", "coffee", "chelsea", "rocket")
Fault = Callable[[np.ndarray], np.ndarray]


def photo(name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A faultless output (bicubic, in [0, 1]), HR and LR."""
    hr = mod_crop(getattr(data, name)(), SCALE)
    lr = matlab_bicubic(hr, 1 / SCALE)
    return resized(lr, align_corners=False), hr, lr


def resized(lr: np.ndarray, *, align_corners: bool) -> np.ndarray:
    tensor = torch.from_numpy(lr.copy()).permute(2, 0, 1)[None].float() / 255
    up = F.interpolate(tensor, scale_factor=SCALE, mode="bilinear", align_corners=align_corners)
    return up[0].permute(1, 2, 0).numpy()


def halfway(sr: np.ndarray, axis: int, way: int) -> np.ndarray:
    return (sr + np.roll(sr, way, axis)) / 2


def framed(sr: np.ndarray) -> np.ndarray:
    out = sr.copy()
    out[:3], out[:, -5:] = 0.0, 1.0
    return out


FAULTS: list[tuple[str, Fault, str]] = [
    ("bgr", lambda sr: sr[..., ::-1], "looks like BGR instead of RGB"),
    ("gbr", lambda sr: sr[..., [1, 2, 0]], "looks like GBR instead of RGB"),
    ("255 for 1", lambda sr: sr * 255, "range looks like [0, 255]"),
    ("1 for 255", lambda sr: sr / 255, "range looks like [0, 1]"),
    ("-1 to 1", lambda sr: sr * 2 - 1, "range looks like [-1, 1]"),
    ("no mean", lambda sr: sr - 0.45, "range looks centred on 0"),
    ("right", lambda sr: np.roll(sr, 1, 1), "shifted by about 1 pixel right"),
    ("up", lambda sr: np.roll(sr, -1, 0), "shifted by about 1 pixel up"),
    ("half left", lambda sr: halfway(sr, 1, -1), "shifted by about 0.5 pixel left"),
    ("half down", lambda sr: halfway(sr, 0, 1), "shifted by about 0.5 pixel down"),
    (
        "pixel corners for centres",  # source = i / 4 instead of (i + 0.5) / 4 - 0.5
        lambda sr: ndimage.shift(sr, (-1.5, -1.5, 0), order=1, mode="nearest"),
        "shifted by about 1.5 pixels up and 1.5 pixels left",
    ),
    ("frame", framed, "garbage in its outer pixels (5 deep; top, right)"),
    ("contrast", lambda sr: (sr - 0.5) * 2 + 0.5, "not clamped"),
    ("constant", lambda sr: np.full_like(sr, 0.25), "constant (0.25 everywhere)"),
    ("noise", lambda sr: np.random.default_rng(0).random(sr.shape), "does not resemble HR"),
    ("nan", lambda sr: np.where(sr > 0.9, np.nan, sr), "NaN or infinite"),
    ("size", lambda sr: sr[:-1], "where HR is"),
]


@pytest.mark.parametrize("name", PHOTOS)
def test_a_faultless_output_says_nothing(name: str) -> None:
    sr, hr, lr = photo(name)
    assert diagnose(sr, hr, lr) == []
    assert diagnose(hr / np.float32(255), hr, lr) == []
    assert diagnose(sr, hr) == []


@pytest.mark.parametrize(("fault", "words"), [f[1:] for f in FAULTS], ids=[f[0] for f in FAULTS])
@pytest.mark.parametrize("name", PHOTOS[:2])
def test_a_fault_is_named(name: str, fault: Fault, words: str) -> None:
    sr, hr, lr = photo(name)
    said = diagnose(fault(sr), hr, lr)
    assert any(words in sentence for sentence in said), said


def test_align_corners_is_named() -> None:
    _, hr, lr = photo("astronaut")
    (said,) = diagnose(resized(lr, align_corners=True), hr, lr)
    assert "align_corners=True" in said


def test_two_faults_at_once() -> None:
    sr, hr, lr = photo("astronaut")
    said = diagnose(np.roll(sr[..., ::-1] * 255, 1, 1), hr, lr)
    assert any("[0, 255]" in s for s in said)
    assert any("BGR" in s for s in said)
    assert any("1 pixel right" in s for s in said)


def test_displacement_is_measured() -> None:
    """A known shift of (0.7, -1.2) pixels comes back to a tenth of a pixel."""
    _, hr, _ = photo("coffee")
    plane = hr[..., 1]
    moved = ndimage.shift(plane / 255.0, (0.7, -1.2), order=3, mode="nearest")
    found = displacement(moved, plane)
    assert found.shift_y == pytest.approx(0.7, abs=0.1)
    assert found.shift_x == pytest.approx(-1.2, abs=0.1)
    assert max(abs(found.stretch_y), abs(found.stretch_x)) < 0.1
    assert found.explained > 0.5


def test_grey_and_small_images_are_looked_at() -> None:
    sr, hr, lr = photo("astronaut")
    assert diagnose(sr[..., 1], hr[..., 1], lr[..., 1]) == []
    assert "1 pixel down" in diagnose(np.roll(sr[..., 1], 1, 0), hr[..., 1], lr[..., 1])[-1]
    assert diagnose(sr[:12, :12], hr[:12, :12], lr[:3, :3]) == []
    assert "constant" in diagnose(np.zeros((1, 1, 3)), hr[:1, :1], None)[0]


@pytest.mark.parametrize("dataset", ["Set5", "Set14", "B100"])
def test_no_false_alarm_on_real_sets(data_root: Path, dataset: str) -> None:
    """Bilinear SR of each image; MATLAB's LR. Odd borders in the photographs are no garbage."""
    lr_folder = "LRbicx4" if dataset == "Set5" else "LRbicx4_oldmatlab"
    for path in sorted((data_root / dataset / "HR").glob("*.png"))[:20]:
        hr, lr = mod_crop(read(path), SCALE), read(data_root / dataset / lr_folder / path.name)
        if hr.ndim == lr.ndim == 3:
            assert diagnose(resized(lr, align_corners=False), hr, lr) == [], path.name
