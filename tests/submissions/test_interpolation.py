"""The three interpolations against figures that are not ours."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from .build import forward, untrained

NAMES = ["baby", "bird", "butterfly", "head", "woman"]


def _read(path: Path) -> Tensor:
    return torch.from_numpy(np.array(Image.open(path))).permute(2, 0, 1)[None].float()


def _luma(levels: Tensor) -> np.ndarray:
    """BT.601 studio-range Y of RGB levels, not rounded."""
    weights = torch.tensor([65.481, 128.553, 24.966], dtype=torch.float64) / 255
    return ((levels.double() * weights[:, None, None]).sum(dim=1)[0] + 16).numpy()


def _psnr(a: np.ndarray, b: np.ndarray, crop: int) -> float:
    inner = (slice(crop, -crop), slice(crop, -crop))
    return float(10 * np.log10(255**2 / np.mean((a[inner] - b[inner]) ** 2)))


def _pair(root: Path, name: str, scale: int, folder: str) -> tuple[Tensor, Tensor]:
    lr = _read(root / "Set5" / folder.format(scale) / f"{name}.png")
    h, w = lr.shape[2] * scale, lr.shape[3] * scale
    return lr, _read(root / "Set5" / "HR" / f"{name}.png")[..., :h, :w]


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_bicubic_is_matlabs(scale: int, data_root: Path) -> None:
    """The `bicubic` column that SelfExSR's MATLAB printed for Set5, with Y rounded."""
    io = pytest.importorskip("scipy.io")
    table = io.loadmat(data_root / "matlab_tables" / f"result_Set5_SRF_{scale}.mat")["PSNR_table"]
    model = untrained("bicubic/rgb", scale)
    for name, expected in zip(NAMES, table[:, 0], strict=True):
        lr, hr = _pair(data_root, name, scale, "LRbicx{}_oldmatlab")
        sr = forward(model, lr)
        assert torch.equal(sr, sr.round())
        a, b = (np.floor(_luma(image) + 0.5) for image in (sr, hr))
        assert _psnr(a, b, scale) == pytest.approx(expected, abs=1e-4)


def test_bicubic_gives_the_papers_figure(data_root: Path) -> None:
    """28.42 dB on Set5 x4, as printed since SRCNN."""
    model = untrained("bicubic", 4)
    scores = []
    for name in NAMES:
        lr, hr = _pair(data_root, name, 4, "LRbicx{}")
        scores.append(_psnr(_luma(forward(model, lr)), _luma(hr), 4))
    assert round(float(np.mean(scores)), 2) == 28.42


@pytest.mark.parametrize("label", ["nearest", "bicubic", "bicubic/rgb", "lanczos"])
@pytest.mark.parametrize("scale", [2, 3, 4, 8])
def test_a_flat_image_stays_flat(label: str, scale: int) -> None:
    lr = torch.full((1, 3, 5, 1), 100.0)
    sr = forward(untrained(label, scale), lr)
    # Level 100 is Y = 101.88; what MATLAB keeps is 102, and RGB follows that as closely as it can.
    levels = 1.0 if label == "bicubic" else 1e-4
    torch.testing.assert_close(sr, torch.full((1, 3, 5 * scale, scale), 100.0), rtol=0, atol=levels)
    assert float((sr - sr[..., :1, :1]).abs().max()) <= 1e-4


def test_nearest_repeats_pixels() -> None:
    lr = torch.arange(12.0).reshape(1, 3, 2, 2)
    expected = torch.kron(lr, torch.ones(3, 3))
    assert torch.equal(forward(untrained("nearest", 3), lr), expected)


def test_lanczos_weights_are_the_definition() -> None:
    """x2, an impulse: the windowed sinc at distances 0.25, 0.75, ..., normalised."""
    lr = torch.zeros(1, 3, 15, 15)
    lr[..., 7, 7] = 1.0
    row = forward(untrained("lanczos", 2), lr)[0, 0, 14]
    t = np.arange(-2.75, 3, 0.5)
    weights = np.sinc(t) * np.sinc(t / 3)
    weights /= weights[::2].sum()  # each phase sums to 1, and the two mirror each other
    peak = weights[np.abs(t) == 0.25][0]
    np.testing.assert_allclose(row[9:21].numpy(), weights * peak, atol=1e-6)
