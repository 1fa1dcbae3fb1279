"""Peak signal-to-noise ratio in dB, with a peak of 255.

``10 log10(255^2 / MSE)``, the MSE over all pixels and channels inside the crop border. Agrees with
the tables that MATLAB printed for RCAN's images to their sixth decimal.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import cast

import numpy as np
from numpy.typing import NDArray

from esrbench.metrics import bands, plain
from esrbench.metrics.colour import Channel
from esrbench.metrics.pair import check_pair
from esrbench.metrics.setting import Batch, Measure, Setting

_FEW = 150_000
"""Pixels that are not worth a second thread: a tenth of a millisecond."""


def psnr(sr: NDArray[np.uint8], hr: NDArray[np.uint8], *, channel: Channel, crop: int) -> float:
    """PSNR of two equal-sized uint8 images, (H, W, 3) RGB or (H, W) grey; ``inf`` if identical.

    ``crop`` pixels are cut off each side first. Raises UsageError for a pair that does not match.
    """
    check_pair(sr, hr, crop)
    height, width = sr.shape[0] - 2 * crop, sr.shape[1] - 2 * crop
    kernels = bands.compiled_kernels()
    if kernels is None:
        error = plain.squared_error(sr, hr, channel, crop)
    else:
        planes = kernels.TOGETHER[channel]
        error = bands.total(kernels.squared_error, sr, hr, planes, crop, height, few=_FEW)
    values = height * width * (3 if channel == "rgb" and sr.ndim == 3 else 1)
    return from_mse(error / values)


def from_mse(mse: float) -> float:
    """dB from a mean squared error in uint8 steps; ``inf`` for 0."""
    return math.inf if mse == 0 else 10 * math.log10(255.0**2 / mse)


def to_mse(db: float) -> float:
    """The mean squared error that a PSNR stands for; 0 for ``inf``."""
    return 0.0 if math.isinf(db) else 255.0**2 / 10 ** (db / 10)


def pooled(values: Sequence[float], pixels: Sequence[int]) -> float:
    """One PSNR over all pixels of a set, from each image's PSNR and number of pixels.

    Differs from the mean of the images' PSNR: there a small or easy image weighs as much as any.
    """
    squared = math.fsum(to_mse(v) * n for v, n in zip(values, pixels, strict=True))
    return from_mse(squared / sum(pixels))


def open_metric(options: Mapping[str, str], setting: Setting) -> Measure:
    """PSNR on ``options["channel"]``, on the setting's device."""
    channel = cast(Channel, options["channel"])

    def on_cpu(batch: Batch) -> list[float]:
        pairs = zip(batch.sr, batch.hr, strict=True)
        return [psnr(sr, hr, channel=channel, crop=setting.crop) for sr, hr in pairs]

    def on_device(batch: Batch) -> list[float]:
        from esrbench.metrics import on_device

        check_pair(batch.sr[0], batch.hr[0], setting.crop)
        sr, hr = batch.on(setting.device)
        return [from_mse(e) for e in on_device.mse(sr, hr, channel=channel, crop=setting.crop)]

    return on_cpu if setting.device == "cpu" else on_device
