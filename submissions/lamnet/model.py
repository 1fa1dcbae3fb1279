"""LAMNet, linear adaptive mixer network (arXiv 2409.17597). Range [0, 1].

Long filters of 23 pixels, first along rows and then along columns, whose weights are made for each
pixel: thirteen taps, those further out being the means of two or four pixels.
"""

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

MEAN = (0.4488, 0.4371, 0.4040)
STRIDES, BOUNDARIES = (1, 2, 4), (4, 6, 7)
HEADS = 4


def taps() -> list[list[int]]:
    """[start, length] of each tap along the axis, from left to right.

    A negative start is the pixel of the tap next to the centre: the tap runs outward from it.
    """
    one_side, at = [], 1
    for width, count in zip(STRIDES, (b - a for a, b in pairwise((1, *BOUNDARIES))), strict=True):
        for _ in range(count):
            one_side.append([at, width])
            at += width
    return [[-start, width] for start, width in reversed(one_side)] + [[0, 1], *one_side]


TAPS = taps()
REACH = TAPS[-1][0] + TAPS[-1][1] - 1
"""Pixels to each side."""


class ChannelNorm(nn.Module):
    """Over the channels of each pixel; the epsilon is inside the root."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.alpha = nn.Parameter(torch.ones(1, channels, 1, 1))
        self.beta = nn.Parameter(torch.zeros(1, channels, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        variance, mean = torch.var_mean(x, dim=1, keepdim=True, correction=0)
        return (x - mean) / (variance + 1e-5).sqrt() * self.alpha + self.beta


def focal(x: Tensor, weights: Tensor, axis: int) -> Tensor:
    """Each pixel's own weights for the taps along an axis; no softmax.

    `x` (N, C, H, W), `weights` (N, heads * taps, H, W); heads are of consecutive channels.
    """
    size = x.shape[axis]
    weights = weights.unflatten(1, (HEADS, len(TAPS), 1))
    means = {1: F.pad(x, [REACH, REACH] if axis == 3 else [0, 0, REACH, REACH])}
    for width in STRIDES[1:]:  # zeros beyond the border count as pixels
        half = means[width // 2]
        length = half.shape[axis] - width // 2
        later = half.narrow(axis, width // 2, length)
        means[width] = (half.narrow(axis, 0, length) + later) / 2
    out = torch.zeros_like(x).unflatten(1, (HEADS, -1))
    for tap, (start, width) in enumerate(TAPS):
        first = start - (width - 1 if start < 0 else 0)
        value = means[width].narrow(axis, first + REACH, size)
        out = out + weights[:, :, tap] * value.unflatten(1, (HEADS, -1))
    return out.flatten(1, 2)


class Mixer(nn.Module):
    """A branch of channels and one of long filters, each weighed by the other."""

    def __init__(self, n: int) -> None:
        super().__init__()
        half, length, weights = n // 2, 2 * REACH + 1, HEADS * len(TAPS)
        self.proj_in = nn.Conv2d(n, n, 1)
        self.channel_branch = nn.Sequential(
            nn.Conv2d(half, half // 2, 1), nn.ReLU(), nn.Conv2d(half // 2, half, 1)
        )
        self.h_kernel = nn.Sequential(
            nn.Conv2d(half, half, (1, length), padding=(0, REACH), groups=half),
            nn.Conv2d(half, weights, 1),
        )
        self.v_kernel = nn.Sequential(
            nn.Conv2d(half, half, (length, 1), padding=(REACH, 0), groups=half),
            nn.Conv2d(half, weights, 1),
        )
        self.register_buffer("kernel_map", torch.tensor(TAPS, dtype=torch.int32))
        self.proj_out = nn.Conv2d(n, n, 1)

    def forward(self, x: Tensor) -> Tensor:
        x1, x2 = self.proj_in(x).chunk(2, dim=1)
        v = self.channel_branch(x1)
        a = focal(x2, torch.tanh(self.h_kernel(x2)), axis=3)
        a = focal(a, torch.tanh(self.v_kernel(a)), axis=2)
        by_pixel, by_channel = exchanged(a, v)
        return self.proj_out(torch.cat([by_pixel * v, by_channel * a], dim=1))


def exchanged(a: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
    """(N, 1, H, W) and (N, C, 1, 1): how alike each pixel and each channel of one is to the other.

    By a pixel of `v` and the mean of `a` over pixels, a channel of `a` and the mean of `v` over
    channels; both from 0 to 1.
    """
    n, c, height, width = v.shape
    by_pixel = a.mean(dim=(2, 3)).unsqueeze(1) @ v.flatten(2) / c
    by_channel = a.flatten(2) @ v.mean(dim=1).reshape(n, -1, 1) / (height * width)
    return (
        torch.sigmoid(by_pixel).reshape(n, 1, height, width),
        torch.sigmoid(by_channel).unsqueeze(3),
    )


class DualGated(nn.Module):
    def __init__(self, n: int) -> None:
        super().__init__()
        self.project_in = nn.Conv2d(n, 2 * n, 1)
        self.dwconv = nn.Conv2d(2 * n, 2 * n, 3, padding=1, groups=2 * n)
        self.project_out = nn.Conv2d(2 * n, n, 1)

    def forward(self, x: Tensor) -> Tensor:
        a, b = self.dwconv(self.project_in(x)).chunk(2, dim=1)
        gate = F.gelu(a)
        return self.project_out(torch.cat([gate * a, gate * b], dim=1))


class PreNorm(nn.Module):
    def __init__(self, n: int, fn: nn.Module) -> None:
        super().__init__()
        self.norm, self.fn = ChannelNorm(n), fn
        self.alpha = nn.Parameter(torch.ones(1, n, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.fn(self.norm(x)) * self.alpha


class Group(nn.Module):
    def __init__(self, n: int, pairs: int = 6) -> None:
        super().__init__()
        kinds = [kind for _ in range(pairs) for kind in (Mixer, DualGated)]
        self.mixers = nn.Sequential(*(PreNorm(n, kind(n)) for kind in kinds))
        self.alpha = nn.Parameter(torch.ones(1, n, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        return self.mixers(x) * self.alpha + x


class LAMNet(nn.Module):
    def __init__(self, groups: int, scale: int, n: int = 64) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor(MEAN).reshape(3, 1, 1), persistent=False)
        self.shallow_feature_extraction = nn.Conv2d(3, n, 3, padding=1)
        self.deep_feature_extraction = nn.Sequential(
            *(Group(n) for _ in range(groups)), nn.Conv2d(n, n, 3, padding=1)
        )
        self.alpha = nn.Parameter(torch.ones(1, n, 1, 1))
        self.upsample = nn.Sequential(
            nn.Conv2d(n, 3 * scale**2, 3, padding=1), nn.PixelShuffle(scale)
        )

    def forward(self, x: Tensor) -> Tensor:
        first = self.shallow_feature_extraction(x - self.mean)
        deep = self.deep_feature_extraction(first) * self.alpha + first
        return self.upsample(deep) + self.mean


def build(groups: int = 4, scale: int = 4) -> nn.Module:
    return LAMNet(groups, scale)
