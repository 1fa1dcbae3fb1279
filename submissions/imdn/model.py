"""IMDN, the Information Multi-Distillation Network (arXiv 1909.11856). Range [0, 1]."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F


def conv(in_channels: int, out_channels: int, kernel: int) -> nn.Conv2d:
    return nn.Conv2d(in_channels, out_channels, kernel, padding=kernel // 2)


class CCA(nn.Module):
    """Contrast-aware channel attention: weighs channels by their mean plus standard deviation."""

    def __init__(self, channels: int, reduction: int = 16) -> None:
        super().__init__()
        self.conv_du = nn.Sequential(
            conv(channels, channels // reduction, 1),
            nn.ReLU(inplace=True),
            conv(channels // reduction, channels, 1),
            nn.Sigmoid(),
        )

    def forward(self, x: Tensor) -> Tensor:
        mean = F.adaptive_avg_pool2d(x, 1)
        std = (x - mean).square().mean(dim=(2, 3), keepdim=True).sqrt()  # population, no epsilon
        return x * self.conv_du(mean + std)


class IMDB(nn.Module):
    """Each step keeps a quarter of its channels and hands on the rest."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.kept = channels // 4
        rest = channels - self.kept
        self.c1 = conv(channels, channels, 3)
        self.c2 = conv(rest, channels, 3)
        self.c3 = conv(rest, channels, 3)
        self.c4 = conv(rest, self.kept, 3)
        self.act = nn.LeakyReLU(0.05, inplace=True)
        self.c5 = conv(4 * self.kept, channels, 1)
        self.cca = CCA(4 * self.kept)

    def forward(self, x: Tensor) -> Tensor:
        sizes = [self.kept, x.shape[1] - self.kept]
        d1, r1 = self.act(self.c1(x)).split(sizes, dim=1)
        d2, r2 = self.act(self.c2(r1)).split(sizes, dim=1)
        d3, r3 = self.act(self.c3(r2)).split(sizes, dim=1)
        d4 = self.c4(r3)  # no activation
        return self.c5(self.cca(torch.cat([d1, d2, d3, d4], dim=1))) + x


class IMDN(nn.Module):
    def __init__(self, channels: int, scale: int) -> None:
        super().__init__()
        self.fea_conv = conv(3, channels, 3)
        self.IMDB1 = IMDB(channels)
        self.IMDB2 = IMDB(channels)
        self.IMDB3 = IMDB(channels)
        self.IMDB4 = IMDB(channels)
        self.IMDB5 = IMDB(channels)
        self.IMDB6 = IMDB(channels)
        self.c = nn.Sequential(conv(6 * channels, channels, 1), nn.LeakyReLU(0.05, inplace=True))
        self.LR_conv = conv(channels, channels, 3)
        self.upsampler = nn.Sequential(conv(channels, 3 * scale**2, 3), nn.PixelShuffle(scale))

    def forward(self, x: Tensor) -> Tensor:
        feature = self.fea_conv(x)
        b1 = self.IMDB1(feature)
        b2 = self.IMDB2(b1)
        b3 = self.IMDB3(b2)
        b4 = self.IMDB4(b3)
        b5 = self.IMDB5(b4)
        b6 = self.IMDB6(b5)
        fused = self.c(torch.cat([b1, b2, b3, b4, b5, b6], dim=1))
        return self.upsampler(self.LR_conv(fused) + feature)


def build(channels: int = 64, scale: int = 4) -> nn.Module:
    return IMDN(channels, scale)
