"""SCNet-T, 1x1 convolutions and shifts of channels alone (arXiv 2307.16140). Range [0, 1]."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

STEPS = ((-1, 0), (1, 0), (0, -1), (0, 1), (1, 1), (1, -1), (-1, 1), (-1, -1))
"""(y, x) of the neighbour that each eighth of the channels is taken from."""


class Shift8(nn.Module):
    """Moves each eighth of the channels by a pixel; beyond the border is zero."""

    def forward(self, x: Tensor) -> Tensor:
        height, width = x.shape[2:]
        parts = zip(STEPS, F.pad(x, (1, 1, 1, 1)).chunk(len(STEPS), dim=1), strict=True)
        moved = [part[..., 1 + y : 1 + y + height, 1 + j : 1 + j + width] for (y, j), part in parts]
        return torch.cat(moved, dim=1)


class Block(nn.Module):
    def __init__(self, n: int) -> None:
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(n, n, 1), nn.Conv2d(n, n, 1)
        self.shift = Shift8()

    def forward(self, x: Tensor) -> Tensor:
        return self.conv2(F.relu(self.shift(self.conv1(x)))) + x


class Up(nn.Module):
    """Larger by interpolation, then two 1x1 convolutions; or by a pixel shuffle after them."""

    def __init__(self, n: int, scale: int, shuffle: bool) -> None:
        super().__init__()
        larger = nn.Upsample(scale_factor=scale, mode="bilinear", align_corners=False)
        layers = [nn.Conv2d(n, n, 1), nn.LeakyReLU(0.02, inplace=True), Shift8()]
        if shuffle:
            layers += [nn.Conv2d(n, n * scale**2, 1), nn.PixelShuffle(scale)]
        else:
            layers = [larger, *layers, nn.Conv2d(n, n, 1)]
        self.up_layer = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        return self.up_layer(x)


class SCNet(nn.Module):
    def __init__(self, blocks: int, shuffle: bool, scale: int, n: int = 64) -> None:
        super().__init__()
        self.scale = scale
        self.conv_first = nn.Conv2d(3, n, 1)
        self.body = nn.Sequential(*(Block(n) for _ in range(blocks)))
        self.ups = ["upconv1", "upconv2"] if scale == 4 else ["upconv1"]
        for name in self.ups:
            self.add_module(name, Up(n, 2 if scale == 4 else scale, shuffle))
        self.conv_hr, self.conv_last = nn.Conv2d(n, n, 1), nn.Conv2d(n, 3, 1)

    def forward(self, x: Tensor) -> Tensor:
        y = self.body(F.leaky_relu(self.conv_first(x), 0.1))
        for name in self.ups:
            y = F.leaky_relu(self.get_submodule(name)(y), 0.1)
        y = self.conv_last(F.leaky_relu(self.conv_hr(y), 0.1))
        return y + F.interpolate(x, scale_factor=self.scale, mode="bilinear", align_corners=False)


def build(blocks: int = 16, shuffle: bool = False, scale: int = 4) -> nn.Module:
    return SCNet(blocks, shuffle, scale)
