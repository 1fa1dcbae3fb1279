"""What must hold for every image (hypothesis)."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from esrbench.metrics import bands, plain
from esrbench.metrics.colour import Channel
from esrbench.metrics.psnr import from_mse, psnr
from esrbench.metrics.quantise import to_uint8
from esrbench.metrics.scorer import Scorer
from esrbench.metrics.ssim import ssim

KEYS = ("psnr_y", "ssim_y", "psnr_rgb", "ssim_rgb", "psnr_y_u8", "ssim_y_u8")
few = settings(max_examples=60, deadline=None)
side = st.integers(11, 72)
seeds = st.integers(0, 2**32 - 1)
channels = st.sampled_from(["rgb", "y", "y-u8"])


def image(height: int, width: int, seed: int) -> np.ndarray:
    """Noise around a gradient: structure and every level, from flat to harsh."""
    rng = np.random.default_rng(seed)
    ramp = np.linspace(0, 255, width)[None, :, None] * rng.random((1, 1, 3))
    noise = rng.normal(0, rng.choice([0, 2, 40, 120]), (height, width, 3))
    return np.clip(ramp + noise, 0, 255).astype(np.uint8)


@few
@given(side, side, seeds, seeds, channels)
def test_symmetric(height: int, width: int, one: int, other: int, channel: Channel) -> None:
    x, y = image(height, width, one), image(height, width, other)
    assert psnr(x, y, channel=channel, crop=0) == psnr(y, x, channel=channel, crop=0)
    assert ssim(x, y, channel=channel, crop=0) == pytest.approx(
        ssim(y, x, channel=channel, crop=0), abs=1e-12
    )


@few
@given(side, side, seeds, channels)
def test_identical(height: int, width: int, seed: int, channel: Channel) -> None:
    x = image(height, width, seed)
    assert psnr(x, x, channel=channel, crop=0) == math.inf
    assert ssim(x, x, channel=channel, crop=0) == pytest.approx(1.0, abs=1e-12)


@few
@given(side, side, seeds, seeds, channels)
def test_bounds(height: int, width: int, one: int, other: int, channel: Channel) -> None:
    x, y = image(height, width, one), image(height, width, other)
    assert psnr(x, y, channel=channel, crop=0) >= 0
    assert -1 <= ssim(x, y, channel=channel, crop=0) <= 1 + 1e-12


@few
@given(side, side, seeds, seeds, st.sampled_from(KEYS))
def test_turning_both_changes_nothing(
    height: int, width: int, one: int, other: int, key: str
) -> None:
    x, y = image(height, width, one), image(height, width, other)
    scorer = Scorer([key], crop=0)
    expected = scorer.score(x, y)[key]
    for turn in (np.fliplr, np.flipud, np.rot90, lambda a: a.swapaxes(0, 1)):
        turned = scorer.score(turn(x), turn(y))[key]
        assert turned == pytest.approx(expected, abs=1e-9)


@few
@given(side, side, seeds, seeds)
def test_rgb_does_not_know_the_order_of_channels(
    height: int, width: int, one: int, other: int
) -> None:
    x, y = image(height, width, one), image(height, width, other)
    for measure in (psnr, ssim):
        assert measure(x[..., ::-1], y[..., ::-1], channel="rgb", crop=0) == pytest.approx(
            measure(x, y, channel="rgb", crop=0), abs=1e-9
        )


@few
@given(side, side, seeds, seeds, st.integers(0, 6), channels)
def test_the_crop_border_is_a_crop(
    height: int, width: int, one: int, other: int, crop: int, channel: Channel
) -> None:
    x, y = (image(height + 2 * crop, width + 2 * crop, seed) for seed in (one, other))
    inside = slice(crop, crop + height), slice(crop, crop + width)
    for measure in (psnr, ssim):
        assert measure(x, y, channel=channel, crop=crop) == pytest.approx(
            measure(x[inside], y[inside], channel=channel, crop=0), abs=1e-9
        )


@few
@given(st.integers(24, 72), st.integers(24, 72), seeds, channels)
def test_more_noise_is_worse(height: int, width: int, seed: int, channel: Channel) -> None:
    rng = np.random.default_rng(seed)
    x = rng.integers(64, 192, (height, width, 3)).astype(np.float64)
    noise = rng.uniform(-1, 1, x.shape)
    hr = x.astype(np.uint8)
    worse = [np.rint(x + strength * noise).astype(np.uint8) for strength in (4, 12, 30, 60)]
    for measure in (psnr, ssim):
        scores = [measure(sr, hr, channel=channel, crop=0) for sr in worse]
        assert scores == sorted(scores, reverse=True)
        assert len(set(scores)) == len(scores)


@few
@given(side, side, seeds, seeds, channels)
def test_compiled_equals_plain(
    height: int, width: int, one: int, other: int, channel: Channel
) -> None:
    assert bands.compiled_kernels() is not None
    x, y = image(height, width, one), image(height, width, other)
    planes = 3 if channel == "rgb" else 1
    windows = (height - 10) * (width - 10) * planes
    assert ssim(x, y, channel=channel, crop=0) == pytest.approx(
        plain.ssim_sum(x, y, channel, 0) / windows, abs=1e-11
    )
    values = height * width * planes
    assert psnr(x, y, channel=channel, crop=0) == pytest.approx(
        from_mse(plain.squared_error(x, y, channel, 0) / values), abs=1e-11
    )


def test_a_figure_does_not_depend_on_the_threads() -> None:
    x, y = image(300, 500, 1), image(300, 500, 2)  # large enough to be handed out in bands

    def both() -> list[float]:
        return [measure(x, y, channel="rgb", crop=4) for measure in (psnr, ssim)]

    with ThreadPoolExecutor(1, initializer=bands.keep_to_one_thread) as alone:
        assert alone.submit(both).result() == both()


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([11, 30, 47]), seeds), min_size=1, max_size=5))
def test_batched_equals_one_by_one(images: list[tuple[int, int]]) -> None:
    """On the path that a device takes, against the CPU's, within 1e-6 as promised."""
    pairs = [(image(s, 40, seed), image(s, 40, seed + 1)) for s, seed in images]
    together = Scorer(KEYS, crop=0, device="cpu:0").score_many(pairs)
    for one, pair in zip(together, pairs, strict=True):
        assert one == pytest.approx(Scorer(KEYS, crop=0).score(*pair), abs=1e-6)


@few
@given(side, side, seeds, st.floats(-0.5, 1.5, width=32))
def test_quantising_is_monotone_and_bounded(
    height: int, width: int, seed: int, value: float
) -> None:
    values = np.sort(np.random.default_rng(seed).normal(value, 1, height * width))
    quantised = to_uint8(values.astype(np.float32), 1.0)
    assert np.all(np.diff(quantised.astype(int)) >= 0)
    assert np.all(np.abs(quantised - np.clip(values, 0, 1) * 255) <= 0.5 + 1e-4)
