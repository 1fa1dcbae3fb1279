"""ECBSR as it is trained. `model.convert_state_dict` makes the deployed form of its checkpoint."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .model import ECBSR, OnLuma

SOBEL_X = ((1.0, 0.0, -1.0), (2.0, 0.0, -2.0), (1.0, 0.0, -1.0))
SOBEL_Y = ((1.0, 2.0, 1.0), (0.0, 0.0, 0.0), (-1.0, -2.0, -1.0))
LAPLACIAN = ((0.0, 1.0, 0.0), (1.0, -4.0, 1.0), (0.0, 1.0, 0.0))


def pad_with(x: Tensor, value: Tensor) -> Tensor:
    """A border of one pixel that holds `value` (C,): what a 1x1 layer makes of a zero border."""
    value = value.reshape(1, -1, 1, 1)
    return F.pad(x - value, (1, 1, 1, 1)) + value


class Expand(nn.Module):
    """1x1 to twice the width, then 3x3."""

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        first = nn.Conv2d(in_channels, 2 * out_channels, 1)
        second = nn.Conv2d(2 * out_channels, out_channels, 3)
        self.k0, self.b0 = first.weight, first.bias
        self.k1, self.b1 = second.weight, second.bias

    def forward(self, x: Tensor) -> Tensor:
        return F.conv2d(pad_with(F.conv2d(x, self.k0, self.b0), self.b0), self.k1, self.b1)


class Edge(nn.Module):
    """1x1, then a fixed edge filter in each channel, scaled."""

    def __init__(self, in_channels: int, out_channels: int, mask: tuple[tuple[float, ...], ...]):
        super().__init__()
        first = nn.Conv2d(in_channels, out_channels, 1)
        self.k0, self.b0 = first.weight, first.bias
        self.scale = nn.Parameter(1e-3 * torch.randn(out_channels, 1, 1, 1))
        self.bias = nn.Parameter(1e-3 * torch.randn(out_channels))
        fixed = torch.tensor(mask).expand(out_channels, 1, 3, 3).clone()
        self.mask = nn.Parameter(fixed, requires_grad=False)

    def forward(self, x: Tensor) -> Tensor:
        y = pad_with(F.conv2d(x, self.k0, self.b0), self.b0)
        return F.conv2d(y, self.scale * self.mask, self.bias, groups=len(self.bias))


class ECB(nn.Module):
    """Edge-oriented convolution block: five branches, summed."""

    def __init__(self, in_channels: int, out_channels: int, act: bool) -> None:
        super().__init__()
        self.conv3x3 = nn.Conv2d(in_channels, out_channels, 3, padding=1)
        self.conv1x1_3x3 = Expand(in_channels, out_channels)
        self.conv1x1_sbx = Edge(in_channels, out_channels, SOBEL_X)
        self.conv1x1_sby = Edge(in_channels, out_channels, SOBEL_Y)
        self.conv1x1_lpl = Edge(in_channels, out_channels, LAPLACIAN)
        self.act = nn.PReLU(out_channels) if act else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        edges = self.conv1x1_sbx(x) + self.conv1x1_sby(x) + self.conv1x1_lpl(x)
        return self.act(self.conv3x3(x) + self.conv1x1_3x3(x) + edges)


def build(blocks: int = 4, channels: int = 16, colours: int = 3, scale: int = 4) -> nn.Module:
    return (OnLuma if colours == 1 else ECBSR)(blocks, channels, colours, scale, layer=ECB)
