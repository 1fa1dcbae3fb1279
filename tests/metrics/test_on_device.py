"""The torch path equals the CPU path within 1e-6, on a CPU and on CUDA where there is one."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from esrbench.metrics import on_device
from esrbench.metrics.colour import Channel
from esrbench.metrics.psnr import from_mse, psnr
from esrbench.metrics.setting import Batch
from esrbench.metrics.ssim import ssim

DEVICES = ["cpu", pytest.param("cuda", marks=pytest.mark.cuda)]


def batch(*, grey: bool = False) -> Batch:
    rng = np.random.default_rng(3)
    hr = rng.integers(0, 256, (3, 37, 45) if grey else (3, 37, 45, 3), dtype=np.uint8)
    sr = np.clip(hr + rng.normal(0, 15, hr.shape), 0, 255).astype(np.uint8)
    return Batch(tuple(sr), tuple(hr))


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("grey", [False, True])
@pytest.mark.parametrize("channel", ["rgb", "y", "y-u8"])
def test_equals_the_cpu_path(device: str, grey: bool, channel: Channel) -> None:
    if device == "cuda" and not torch.cuda.is_available():
        pytest.skip("no CUDA device: the torch path is tested on the CPU alone")
    images = batch(grey=grey)
    sr, hr = images.on(device)
    db = [from_mse(e) for e in on_device.mse(sr, hr, channel=channel, crop=4)]
    similarity = on_device.ssim(sr, hr, channel=channel, crop=4)
    for i, (x, y) in enumerate(zip(images.sr, images.hr, strict=True)):
        assert db[i] == pytest.approx(psnr(x, y, channel=channel, crop=4), abs=1e-9)
        assert similarity[i] == pytest.approx(ssim(x, y, channel=channel, crop=4), abs=1e-9)


def test_identical_images_have_no_error() -> None:
    hr = batch().on("cpu")[1]
    assert on_device.mse(hr, hr, channel="y", crop=0) == [0.0, 0.0, 0.0]
    assert on_device.ssim(hr, hr, channel="y", crop=0) == pytest.approx([1.0] * 3, abs=1e-12)
