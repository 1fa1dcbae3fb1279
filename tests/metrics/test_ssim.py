"""SSIM against scikit-image, the plain form, and values that follow from the formula."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from skimage.metrics import structural_similarity

import esrbench.metrics
from esrbench.errors import UsageError
from esrbench.metrics import bands, colour, plain
from esrbench.metrics.colour import Channel
from esrbench.metrics.psnr import psnr
from esrbench.metrics.ssim import ssim

SIZES = [(11, 11), (12, 40), (27, 26), (26, 27), (26, 122), (27, 123), (140, 11)]
SIZES += [(139, 300), (266, 234), (267, 235), (300, 523)]
"""Around the edges of the bands (128 rows), steps (16 rows) and strips (112 columns) of SSIM."""


def pair(height: int, width: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    hr = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    noise = rng.normal(0, 20, hr.shape)
    return np.clip(hr + noise, 0, 255).astype(np.uint8), hr


def by_skimage(x: np.ndarray, y: np.ndarray) -> float:
    """scikit-image's map, of which it leaves the 'valid' part to the caller on one plane."""
    _, similarity = structural_similarity(
        x,
        y,
        data_range=255,
        gaussian_weights=True,
        sigma=1.5,
        use_sample_covariance=False,
        full=True,
    )
    return float(similarity[5:-5, 5:-5].mean())


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("channel", ["rgb", "y", "y-u8"])
def test_equals_scikit_image(size: tuple[int, int], channel: Channel) -> None:
    sr, hr = pair(*size)
    planes = zip(colour.planes(sr, channel), colour.planes(hr, channel), strict=True)
    expected = np.mean([by_skimage(x, y) for x, y in planes])
    assert ssim(sr, hr, channel=channel, crop=0) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("channel", ["rgb", "y", "y-u8"])
def test_compiled_equals_plain(
    size: tuple[int, int], channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    sr, hr = pair(size[0] + 6, size[1] + 6)
    assert bands.compiled_kernels() is not None
    compiled = [measure(sr, hr, channel=channel, crop=3) for measure in (psnr, ssim)]
    monkeypatch.setattr(bands, "compiled_kernels", lambda: None)
    by_numpy = [measure(sr, hr, channel=channel, crop=3) for measure in (psnr, ssim)]
    assert compiled == pytest.approx(by_numpy, abs=1e-12)


def test_one_value_does_not_depend_on_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    sr, hr = pair(400, 500)
    threaded = ssim(sr, hr, channel="rgb", crop=4)
    monkeypatch.setattr(bands, "cores", lambda: 1)
    assert ssim(sr, hr, channel="rgb", crop=4) == threaded


@pytest.mark.parametrize("rows", [1, 2, 3, 128, 255, 256, 257, 310, 1346])
def test_bands_are_even_and_leave_nothing_out(rows: int) -> None:
    some_rows = bands.even_bands(rows)
    assert [row for first, last in some_rows for row in range(first, last)] == list(range(rows))
    heights = {last - first for first, last in some_rows}
    assert max(heights) <= 128
    assert max(heights) - min(heights) <= 1
    assert len(some_rows) % 2 == 0 or rows == 1


def test_what_a_thread_raises_is_raised() -> None:
    image = np.zeros((200, 200, 3), np.uint8)

    def faulty(*_: object) -> float:
        raise ValueError("in a band")

    with pytest.raises(ValueError, match="in a band"):
        bands.total(faulty, image, image, (0, 1, 2), 0, 190, few=0)


def test_two_flat_images() -> None:
    # No variance: (2ab + C1) / (a^2 + b^2 + C1) remains, here with a = 100, b = 150.
    a, b = np.full((16, 16), 100, np.uint8), np.full((16, 16), 150, np.uint8)
    expected = (2 * 100 * 150 + 6.5025) / (100**2 + 150**2 + 6.5025)
    assert ssim(a, b, channel="y", crop=0) == pytest.approx(expected, abs=1e-9)


def test_views_and_read_only_images() -> None:
    sr, hr = pair(40, 44)
    expected = ssim(sr, hr, channel="rgb", crop=2)
    wide = np.zeros((40, 60, 3), np.uint8)
    wide[:, 8:52] = sr
    hr.setflags(write=False)
    assert ssim(wide[:, 8:52], hr, channel="rgb", crop=2) == expected
    flipped = ssim(sr[::-1], hr[::-1], channel="rgb", crop=2)
    assert flipped == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(("height", "width", "crop"), [(10, 40, 0), (40, 10, 0), (18, 30, 4)])
def test_too_small_is_said(height: int, width: int, crop: int) -> None:
    image = np.zeros((height, width, 3), np.uint8)
    with pytest.raises(UsageError, match="at least 11x11"):
        ssim(image, image, channel="rgb", crop=crop)


def test_plain_refuses_nothing_that_compiled_takes() -> None:
    sr, hr = pair(11, 11)
    by_numpy = plain.ssim_sum(sr, hr, "rgb", 0) / 3
    assert by_numpy == pytest.approx(ssim(sr, hr, channel="rgb", crop=0), abs=1e-12)


def test_without_numba_the_plain_form_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [m for m in sys.modules if m == "numba" or m.startswith("esrbench.metrics.kern")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delattr(esrbench.metrics, "kernels", raising=False)
    monkeypatch.setitem(sys.modules, "numba", None)
    assert bands.compiled_kernels.__wrapped__() is None
