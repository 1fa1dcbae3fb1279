"""Structural similarity (Wang, Bovik, Sheikh, Simoncelli 2004), as its authors' MATLAB code.

11x11 Gaussian window, sigma 1.5, K1 0.01, K2 0.03, L 255, 'valid' positions only, the mean of the
map; on RGB the mean of the three channels. No downsampling, population variance.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import numpy as np
from numpy.typing import NDArray

from esrbench.metrics import bands, plain, window
from esrbench.metrics.colour import Channel
from esrbench.metrics.pair import check_pair
from esrbench.metrics.setting import Batch, Measure, Setting

_FEW = 25_000
"""Pixels of a plane that are not worth a second thread: a sixth of a millisecond."""


def ssim(sr: NDArray[np.uint8], hr: NDArray[np.uint8], *, channel: Channel, crop: int) -> float:
    """SSIM of two equal-sized uint8 images, (H, W, 3) RGB or (H, W) grey; 1 if identical.

    ``crop`` pixels are cut off each side first. Raises UsageError for a pair that does not match,
    or where less than 11x11 pixels are left.
    """
    check_pair(sr, hr, crop, smallest=window.SIZE)
    rows = sr.shape[0] - 2 * crop - window.SIZE + 1
    columns = sr.shape[1] - 2 * crop - window.SIZE + 1
    kernels = bands.compiled_kernels()
    if kernels is None:
        total = plain.ssim_sum(sr, hr, channel, crop)
    else:
        planes = kernels.ONE_BY_ONE[channel]
        total = bands.total(kernels.ssim_sum, sr, hr, planes, crop, rows, few=_FEW)
    windows = rows * columns * (3 if channel == "rgb" and sr.ndim == 3 else 1)
    return float(total / windows)


def open_metric(options: Mapping[str, str], setting: Setting) -> Measure:
    """SSIM on ``options["channel"]``, on the setting's device."""
    channel = cast(Channel, options["channel"])

    def on_cpu(batch: Batch) -> list[float]:
        pairs = zip(batch.sr, batch.hr, strict=True)
        return [ssim(sr, hr, channel=channel, crop=setting.crop) for sr, hr in pairs]

    def on_device(batch: Batch) -> list[float]:
        from esrbench.metrics import on_device

        check_pair(batch.sr[0], batch.hr[0], setting.crop, smallest=window.SIZE)
        sr, hr = batch.on(setting.device)
        return on_device.ssim(sr, hr, channel=channel, crop=setting.crop)

    return on_cpu if setting.device == "cpu" else on_device
