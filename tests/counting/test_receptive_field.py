"""Receptive fields that follow from the kernels: 1 + sum of (k - 1) * dilation."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from esrbench.counting.receptive_field import receptive_field

from .nets import Calls, TinySR


class LargeKernelAttention(nn.Module):
    """SVAN's gate: 5x5 then 5x5 with dilation 3, times the input: 5 + (5 - 1) * 3 = 17."""

    def __init__(self, channels: int = 4) -> None:
        super().__init__()
        self.near = nn.Conv2d(channels, channels, 5, padding=2, groups=channels)
        self.far = nn.Conv2d(channels, channels, 5, padding=6, dilation=3, groups=channels)
        self.point = nn.Conv2d(channels, channels, 1)

    def forward(self, x):
        return x * self.point(self.far(self.near(x)))


def zeroed(module):
    """Weights of nothing: the theoretical field does not depend on them."""
    for parameter in module.parameters():
        nn.init.zeros_(parameter)
    return module


@pytest.mark.parametrize(
    ("module", "channels", "field"),
    [
        (LargeKernelAttention(), 4, (17, 17)),
        (nn.Sequential(LargeKernelAttention(), LargeKernelAttention()), 4, (33, 33)),
        (zeroed(LargeKernelAttention()), 4, (17, 17)),
        (nn.Conv2d(3, 3, 1), 3, (1, 1)),
        (nn.Conv2d(3, 3, (3, 11), padding=(1, 5)), 3, (3, 11)),
        (TinySR(), 3, (5, 5)),  # in LR pixels, the output being twice as large
        # Tiled convolutions (Winograd) would make this one too wide.
        (nn.Sequential(*(nn.Conv2d(32, 32, 3, padding=1) for _ in range(10))), 32, (21, 21)),
        (nn.MaxPool2d(7, 1, 3), 3, (7, 7)),
        (nn.Upsample(scale_factor=4), 3, (1, 1)),
        (nn.Upsample(scale_factor=4, mode="bicubic"), 3, (5, 5)),  # 4 taps, either side of a pixel
        (nn.ReLU(), 3, (1, 1)),
    ],
)
def test_field(module, channels, field):
    found = receptive_field(module.eval(), channels=channels)
    assert (found.height, found.width, found.bounded) == (*field, True)


@pytest.mark.parametrize(
    "function",
    [
        lambda x: x * x.mean(dim=(2, 3), keepdim=True),
        lambda x: x * torch.sigmoid(F.adaptive_avg_pool2d(x, 1)),
        lambda x: torch.fft.irfft2(torch.fft.rfft2(x), s=x.shape[2:]),
    ],
)
def test_global(function):
    found = receptive_field(Calls(function))
    assert not found.bounded
    assert str(found) == ">=480x480"


def test_one_axis_may_be_global():
    found = receptive_field(Calls(lambda x: x + x.mean(dim=3, keepdim=True)))
    assert (found.height, found.width, found.bounded) == (1, 480, False)
