"""ShuffleMixer (arXiv 2205.15175): large depthwise kernels and channel shuffles. Range [0, 1]."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class LayerNorm(nn.Module):
    """Over the channels of each pixel; the mean is subtracted, but there is no bias."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.body = nn.Module()
        self.body.weight = nn.Parameter(torch.ones(channels))

    def forward(self, x: Tensor) -> Tensor:
        x = x - x.mean(dim=1, keepdim=True)
        x = x / torch.sqrt(x.square().mean(dim=1, keepdim=True) + 1e-5)
        return x * self.body.weight[:, None, None]


class SplitPointMlp(nn.Module):
    """A perceptron on half the channels, then a shuffle of all."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        half = channels // 2
        self.fc = nn.Sequential(
            nn.Conv2d(half, channels, 1), nn.SiLU(inplace=True), nn.Conv2d(channels, half, 1)
        )

    def forward(self, x: Tensor) -> Tensor:
        worked, kept = x.chunk(2, dim=1)
        out = torch.cat([self.fc(worked), kept], dim=1)
        return out.unflatten(1, (8, -1)).transpose(1, 2).flatten(1, 2)


class SMLayer(nn.Module):
    def __init__(self, channels: int, kernel: int) -> None:
        super().__init__()
        self.norm1 = LayerNorm(channels)
        self.norm2 = LayerNorm(channels)
        self.spatial = nn.Conv2d(channels, channels, kernel, padding=kernel // 2, groups=channels)
        self.mlp1 = SplitPointMlp(channels)
        self.mlp2 = SplitPointMlp(channels)

    def forward(self, x: Tensor) -> Tensor:
        x = self.mlp1(self.norm1(x)) + x
        x = self.spatial(x)  # no residual
        return self.mlp2(self.norm2(x)) + x


class FMBlock(nn.Module):
    """Feature mixing block: two shuffle-mixer layers, then a fused MBConv."""

    def __init__(self, channels: int, kernel: int) -> None:
        super().__init__()
        self.net = nn.Sequential(SMLayer(channels, kernel), SMLayer(channels, kernel))
        self.conv = nn.Sequential(
            nn.Conv2d(channels, channels + 16, 3, padding=1),
            nn.SiLU(inplace=True),
            nn.Conv2d(channels + 16, channels, 1),
        )

    def forward(self, x: Tensor) -> Tensor:
        x = self.net(x) + x
        return self.conv(x) + x


def upsampler(channels: int, scale: int) -> nn.Sequential:
    """x4 in two steps of x2."""
    layers: list[nn.Module] = []
    for step in [2, 2] if scale == 4 else [scale]:
        layers.append(nn.Conv2d(channels, channels * step**2, 1))
        layers += [nn.PixelShuffle(step), nn.SiLU(inplace=True)]
    return nn.Sequential(*layers)


class ShuffleMixer(nn.Module):
    def __init__(self, channels: int, kernel: int, blocks: int, scale: int) -> None:
        super().__init__()
        self.scale = scale
        self.to_feat = nn.Conv2d(3, channels, 3, padding=1, bias=False)
        self.blocks = nn.Sequential(*(FMBlock(channels, kernel) for _ in range(blocks)))
        self.upsapling = upsampler(channels, scale)  # the official spelling
        self.tail = nn.Conv2d(channels, 3, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        size = (x.shape[2] * self.scale, x.shape[3] * self.scale)
        base = F.interpolate(x, size=size, mode="bilinear", align_corners=False)
        return self.tail(self.upsapling(self.blocks(self.to_feat(x)))) + base


def build(channels: int = 64, kernel: int = 7, blocks: int = 5, scale: int = 4) -> nn.Module:
    return ShuffleMixer(channels, kernel, blocks, scale)
