"""PSNR on images whose error is known by construction: 20 log10(255 / d) for a difference of d."""

from __future__ import annotations

import math

import numpy as np
import pytest

from esrbench.errors import UsageError
from esrbench.metrics import colour, on_device
from esrbench.metrics.psnr import from_mse, pooled, psnr, to_mse
from esrbench.metrics.setting import Batch

GREY = np.full((20, 24, 3), 100, dtype=np.uint8)


@pytest.mark.parametrize(
    ("difference", "db"),
    [(1, 48.130803608679), (5, 34.151403521959), (155, 4.324169665275)],
)
def test_rgb_of_a_constant_difference(difference: int, db: float) -> None:
    assert psnr(GREY + np.uint8(difference), GREY, channel="rgb", crop=0) == pytest.approx(db)


def test_y_of_a_constant_difference() -> None:
    # A grey step of 1 is a step of 219/255 in Y.
    expected = 20 * math.log10(255 / (219 / 255))
    assert psnr(GREY + np.uint8(1), GREY, channel="y", crop=0) == pytest.approx(expected)


def test_rounded_y_is_another_figure() -> None:
    # Y is 16 + 100 * 219 / 255 = 101.88 -> 102 and 102.74 -> 103: one whole step after rounding.
    assert psnr(GREY + np.uint8(1), GREY, channel="y-u8", crop=0) == pytest.approx(48.130803608679)


def test_grey_images_are_scored_as_they_are() -> None:
    for channel in ("rgb", "y", "y-u8"):
        db = psnr(GREY[..., 0] + np.uint8(1), GREY[..., 0], channel=channel, crop=0)  # type: ignore[arg-type]
        assert db == pytest.approx(48.130803608679)


def test_identical_is_infinite() -> None:
    assert psnr(GREY, GREY, channel="rgb", crop=4) == math.inf
    assert psnr(GREY, GREY, channel="y", crop=4) == math.inf


def test_the_border_does_not_count() -> None:
    noisy = GREY.copy()
    noisy[:4], noisy[-4:], noisy[:, :4], noisy[:, -4:] = 0, 0, 0, 0
    assert psnr(noisy, GREY, channel="rgb", crop=4) == math.inf
    assert psnr(noisy, GREY, channel="rgb", crop=3) < 30


@pytest.mark.parametrize(
    ("rgb", "y"),
    # MATLAB's documentation of rgb2ycbcr: black 16, white 235; primaries from BT.601.
    [((0, 0, 0), 16.0), ((255, 255, 255), 235.0), ((255, 0, 0), 81.481), ((0, 255, 0), 144.553)],
)
def test_luma(rgb: tuple[int, int, int], y: float) -> None:
    image = np.array(rgb, dtype=np.uint8).reshape(1, 1, 3)
    assert colour.luma(image)[0, 0] == pytest.approx(y, abs=1e-12)
    assert colour.luma(image, rounded=True)[0, 0] == math.floor(y + 0.5)


def test_pooled_is_over_pixels() -> None:
    # MSE 1 over 300 pixels and MSE 25 over 100: (300 + 2500) / 400 = 7.
    assert pooled([from_mse(1.0), from_mse(25.0)], [300, 100]) == pytest.approx(from_mse(7.0))
    assert pooled([math.inf, from_mse(2.0)], [100, 100]) == pytest.approx(from_mse(1.0))
    assert pooled([math.inf, math.inf], [4, 4]) == math.inf


@pytest.mark.parametrize("mse", [0.0, 1e-9, 0.25, 12.5, 65025.0])
def test_mse_comes_back_from_db(mse: float) -> None:
    assert to_mse(from_mse(mse)) == pytest.approx(mse, rel=1e-12)


@pytest.mark.parametrize(
    ("sr", "hr", "crop", "message"),
    [
        (GREY[:-1], GREY, 0, "SR is 19x24 RGB and HR is 20x24 RGB"),
        (GREY[..., 0], GREY, 0, "equal in size and colour"),
        (GREY.astype(np.float32), GREY, 0, "SR image is float32"),
        (GREY, np.zeros((20, 24, 4), np.uint8), 0, "HR image has shape"),
        (GREY, GREY, -1, "crop border is -1"),
        (GREY, GREY, 10, "leaves 0x4"),
    ],
)
def test_pairs_that_cannot_be_scored(
    sr: np.ndarray, hr: np.ndarray, crop: int, message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        psnr(sr, hr, channel="rgb", crop=crop)


def test_rounded_y_ties_go_up() -> None:
    # 65481 R + 128553 G + 24966 B = 127500 (mod 255000): Y is an integer and a half exactly.
    levels = np.arange(256, dtype=np.int64)
    red, green, blue = np.meshgrid(levels, levels, levels[::5], indexing="ij")
    weighted = 65481 * red + 128553 * green + 24966 * blue
    ties = weighted % 255000 == 127500
    assert ties.sum() > 10
    image = np.stack([red[ties], green[ties], blue[ties]], axis=-1).astype(np.uint8)[None]
    expected = 16 + weighted[ties] // 255000 + 1
    assert np.array_equal(colour.luma(image, rounded=True)[0], expected)
    # The compiled and the torch form, through the error against black, whose Y is 16.
    black, mse = np.zeros_like(image), float(np.mean((expected - 16.0) ** 2))
    assert psnr(image, black, channel="y-u8", crop=0) == pytest.approx(from_mse(mse), abs=1e-12)
    batch = Batch((image,), (black,)).on("cpu")
    assert on_device.mse(*batch, channel="y-u8", crop=0) == pytest.approx([mse], rel=1e-14)
