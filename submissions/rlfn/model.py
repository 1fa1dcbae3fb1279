"""RLFN, the Residual Local Feature Network (arXiv 2205.07514). Input and output in [0, 255]."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F


def conv(in_channels: int, out_channels: int, kernel: int) -> nn.Conv2d:
    return nn.Conv2d(in_channels, out_channels, kernel, padding=kernel // 2)


class ESA(nn.Module):
    """Enhanced spatial attention in RLFN's light form: one 3x3 after the pooling, no ReLU."""

    def __init__(self, channels: int, width: int = 16) -> None:
        super().__init__()
        self.conv1 = conv(channels, width, 1)
        self.conv_f = conv(width, width, 1)
        self.conv2 = nn.Conv2d(width, width, 3, stride=2)
        self.conv3 = conv(width, width, 3)
        self.conv4 = conv(width, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        c1 = self.conv1(x)
        c3 = self.conv3(F.max_pool2d(self.conv2(c1), kernel_size=7, stride=3))
        c3 = F.interpolate(c3, x.shape[2:], mode="bilinear", align_corners=False)
        return x * torch.sigmoid(self.conv4(c3 + self.conv_f(c1)))


class RLFB(nn.Module):
    """Residual local feature block: three convolutions, a skip, a fusion, attention."""

    def __init__(self, channels: int, mid_channels: int) -> None:
        super().__init__()
        self.c1_r = conv(channels, mid_channels, 3)
        self.c2_r = conv(mid_channels, mid_channels, 3)
        self.c3_r = conv(mid_channels, channels, 3)
        self.c5 = conv(channels, channels, 1)
        self.esa = ESA(channels)
        self.act = nn.LeakyReLU(0.05, inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        out = self.act(self.c1_r(x))
        out = self.act(self.c2_r(out))
        out = self.act(self.c3_r(out))
        return self.esa(self.c5(out + x))


class RLFN(nn.Module):
    def __init__(self, channels: int, mid_channels: int, blocks: int, scale: int) -> None:
        super().__init__()
        self.conv_1 = conv(3, channels, 3)
        self.blocks = [f"block_{i}" for i in range(1, blocks + 1)]
        for name in self.blocks:
            self.add_module(name, RLFB(channels, mid_channels))
        self.conv_2 = conv(channels, channels, 3)
        self.upsampler = nn.Sequential(conv(channels, 3 * scale**2, 3), nn.PixelShuffle(scale))

    def forward(self, x: Tensor) -> Tensor:
        feature = self.conv_1(x)
        out = feature
        for name in self.blocks:
            out = getattr(self, name)(out)
        return self.upsampler(self.conv_2(out) + feature)


def build(channels: int = 52, mid_channels: int = 52, blocks: int = 6, scale: int = 4) -> nn.Module:
    return RLFN(channels, mid_channels, blocks, scale)
