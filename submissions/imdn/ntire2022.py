"""The IMDN that was the baseline of NTIRE 2022: eight blocks, no attention, a plain trunk."""

import torch
from torch import Tensor, nn


def conv(in_channels: int, out_channels: int, kernel: int) -> nn.Conv2d:
    return nn.Conv2d(in_channels, out_channels, kernel, padding=kernel // 2)


def activated(in_channels: int, out_channels: int) -> nn.Sequential:
    return nn.Sequential(conv(in_channels, out_channels, 3), nn.LeakyReLU(0.05, inplace=True))


class IMDBlock(nn.Module):
    """Each step keeps a quarter of its channels and hands on the rest."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.kept = channels // 4
        rest = channels - self.kept
        self.conv1 = activated(channels, channels)
        self.conv2 = activated(rest, channels)
        self.conv3 = activated(rest, channels)
        self.conv4 = conv(rest, self.kept, 3)  # no activation
        self.conv1x1 = conv(4 * self.kept, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        sizes = [self.kept, x.shape[1] - self.kept]
        d1, r1 = self.conv1(x).split(sizes, dim=1)
        d2, r2 = self.conv2(r1).split(sizes, dim=1)
        d3, r3 = self.conv3(r2).split(sizes, dim=1)
        return x + self.conv1x1(torch.cat([d1, d2, d3, self.conv4(r3)], dim=1))


class Shortcut(nn.Module):
    def __init__(self, *layers: nn.Module) -> None:
        super().__init__()
        self.sub = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.sub(x)


class IMDN(nn.Module):
    def __init__(self, channels: int, blocks: int, scale: int) -> None:
        super().__init__()
        body = [IMDBlock(channels) for _ in range(blocks)]
        self.model = nn.Sequential(
            conv(3, channels, 3),
            Shortcut(*body, conv(channels, channels, 3)),
            conv(channels, 3 * scale**2, 3),
            nn.PixelShuffle(scale),
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.model(x)


def build(channels: int = 64, blocks: int = 8, scale: int = 4) -> nn.Module:
    return IMDN(channels, blocks, scale)
