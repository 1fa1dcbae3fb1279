"""EFDN as it is trained. `model.convert_state_dict` makes the deployed form of its checkpoint.

The authors' code trains a 3x3, a 1x1 and three edge branches. Two more are in it as switches that
are off: a 1x1-3x3 branch (whose weights are stored all the same) and an identity.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .model import EFDN

SOBEL_X = ((1.0, 0.0, -1.0), (2.0, 0.0, -2.0), (1.0, 0.0, -1.0))
SOBEL_Y = ((1.0, 2.0, 1.0), (0.0, 0.0, 0.0), (-1.0, -2.0, -1.0))
LAPLACIAN = ((0.0, 1.0, 0.0), (1.0, -4.0, 1.0), (0.0, 1.0, 0.0))


def pad_with(x: Tensor, value: Tensor) -> Tensor:
    """A border of one pixel that holds `value` (C,): what a 1x1 layer makes of a zero border."""
    value = value.reshape(1, -1, 1, 1)
    return F.pad(x - value, (1, 1, 1, 1)) + value


class Expand(nn.Module):
    """1x1, then 3x3."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        first, second = nn.Conv2d(channels, channels, 1), nn.Conv2d(channels, channels, 3)
        self.k0, self.b0 = first.weight, first.bias
        self.k1, self.b1 = second.weight, second.bias

    def forward(self, x: Tensor) -> Tensor:
        return F.conv2d(pad_with(F.conv2d(x, self.k0, self.b0), self.b0), self.k1, self.b1)


class Edge(nn.Module):
    """1x1, then a fixed edge filter in each channel, scaled."""

    def __init__(self, channels: int, mask: tuple[tuple[float, ...], ...]) -> None:
        super().__init__()
        first = nn.Conv2d(channels, channels, 1)
        self.k0, self.b0 = first.weight, first.bias
        self.scale = nn.Parameter(1e-3 * torch.randn(channels, 1, 1, 1))
        self.bias = nn.Parameter(1e-3 * torch.randn(channels))
        fixed = torch.tensor(mask).expand(channels, 1, 3, 3).clone()
        self.mask = nn.Parameter(fixed, requires_grad=False)

    def forward(self, x: Tensor) -> Tensor:
        y = pad_with(F.conv2d(x, self.k0, self.b0), self.b0)
        return F.conv2d(y, self.scale * self.mask, self.bias, groups=len(self.bias))


class EDBB(nn.Module):
    """Edge-enhanced diverse branch block: its branches, summed."""

    def __init__(self, channels: int, expand: bool = False, identity: bool = False) -> None:
        super().__init__()
        self.expand = expand
        self.identity = identity
        self.rep_conv = nn.Conv2d(channels, channels, 3, padding=1)
        self.conv1x1 = nn.Conv2d(channels, channels, 1)
        self.conv1x1_3x3 = Expand(channels).requires_grad_(expand)
        self.conv1x1_sbx = Edge(channels, SOBEL_X)
        self.conv1x1_sby = Edge(channels, SOBEL_Y)
        self.conv1x1_lpl = Edge(channels, LAPLACIAN)
        self.act = nn.PReLU(channels)

    def forward(self, x: Tensor) -> Tensor:
        y = self.rep_conv(x) + self.conv1x1(x)
        y = y + self.conv1x1_sbx(x) + self.conv1x1_sby(x) + self.conv1x1_lpl(x)
        if self.expand:
            y = y + self.conv1x1_3x3(x)
        if self.identity:
            y = y + x
        return self.act(y)


def build(channels: int = 48, scale: int = 4) -> nn.Module:
    return EFDN(channels, scale, block=EDBB)
