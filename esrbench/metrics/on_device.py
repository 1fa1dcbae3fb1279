"""PSNR's and SSIM's arithmetic in torch, for batches that are scored where the model ran.

float64 throughout and the sums of ``kernels``: equal to them within 1e-6, as tested on a CPU; on a
CUDA device it is tested where there is one.
"""

from __future__ import annotations

import torch
from torch import Tensor

from esrbench.metrics import colour, window


def mse(sr: Tensor, hr: Tensor, *, channel: colour.Channel, crop: int) -> list[float]:
    """Mean squared error of each pair of a batch of uint8 (N, C, H, W), C 3 or 1."""
    x, y = _planes(sr, channel, crop), _planes(hr, channel, crop)
    return [float(v) for v in (x - y).square_().mean(dim=(1, 2, 3)).tolist()]


def ssim(sr: Tensor, hr: Tensor, *, channel: colour.Channel, crop: int) -> list[float]:
    """SSIM of each pair of a batch of uint8 (N, C, H, W), C 3 or 1."""
    x, y = _planes(sr, channel, crop), _planes(hr, channel, crop)
    mean_x, mean_y = _filtered(x), _filtered(y)
    squares, product = _filtered(x * x + y * y), _filtered(x * y)
    cross, means = mean_x * mean_y, mean_x.square() + mean_y.square()
    top = (2 * cross + window.C1) * (2 * (product - cross) + window.C2)
    bottom = (means + window.C1) * (squares - means + window.C2)
    return [float(v) for v in (top / bottom).mean(dim=(1, 2, 3)).tolist()]


def _planes(image: Tensor, channel: colour.Channel, crop: int) -> Tensor:
    """float64 (N, 3 or 1, h, w) inside the crop border."""
    height, width = image.shape[-2:]
    inside = image[..., crop : height - crop, crop : width - crop].to(torch.float64)
    if channel == "rgb" or inside.shape[1] == 1:
        return inside
    red, green, blue = (inside.narrow(1, c, 1) for c in range(3))
    weighted = colour.RED * red + colour.GREEN * green + colour.BLUE * blue
    if channel == "y-u8":
        return colour.BLACK + torch.floor((weighted + colour.SCALE / 2) / colour.SCALE)
    return colour.BLACK + weighted / colour.SCALE


def _filtered(planes: Tensor) -> Tensor:
    """The Gaussian mean at every 'valid' position.

    Sums of shifted views: a float64 convolution is slow on every device and differs from one
    algorithm to the next.
    """
    for dim in (-2, -1):
        n = planes.shape[dim] - window.SIZE + 1
        weights = window.gaussian()
        out = planes.narrow(dim, 0, n) * weights[0]
        for i in range(1, window.SIZE):
            out.add_(planes.narrow(dim, i, n), alpha=weights[i])
        planes = out
    return planes
