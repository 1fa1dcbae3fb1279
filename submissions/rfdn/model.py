"""RFDN, the Residual Feature Distillation Network (arXiv 2009.11551). Range [0, 255]."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F


def conv(in_channels: int, out_channels: int, kernel: int) -> nn.Conv2d:
    return nn.Conv2d(in_channels, out_channels, kernel, padding=kernel // 2)


class ESA(nn.Module):
    """Enhanced spatial attention, full form: three 3x3 convolutions after the pooling."""

    def __init__(self, channels: int, width: int) -> None:
        super().__init__()
        self.conv1 = conv(channels, width, 1)
        self.conv_f = conv(width, width, 1)
        self.conv2 = nn.Conv2d(width, width, 3, stride=2)
        self.conv_max = conv(width, width, 3)
        self.conv3 = conv(width, width, 3)
        self.conv3_ = conv(width, width, 3)
        self.conv4 = conv(width, channels, 1)
        self.relu = nn.ReLU(inplace=True)  # a module: the hook counter of 2022 counts no function

    def forward(self, x: Tensor) -> Tensor:
        c1 = self.conv1(x)
        pooled = F.max_pool2d(self.conv2(c1), kernel_size=7, stride=3)
        c3 = self.relu(self.conv_max(pooled))
        c3 = self.conv3_(self.relu(self.conv3(c3)))
        c3 = F.interpolate(c3, x.shape[2:], mode="bilinear", align_corners=False)
        return x * torch.sigmoid(self.conv4(c3 + self.conv_f(c1)))


class RFDB(nn.Module):
    """Residual feature distillation block: 1x1 convolutions keep, shallow residuals hand on."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        kept = channels // 2
        self.c1_d = conv(channels, kept, 1)
        self.c1_r = conv(channels, channels, 3)
        self.c2_d = conv(channels, kept, 1)
        self.c2_r = conv(channels, channels, 3)
        self.c3_d = conv(channels, kept, 1)
        self.c3_r = conv(channels, channels, 3)
        self.c4 = conv(channels, kept, 3)
        self.act = nn.LeakyReLU(0.05, inplace=True)
        self.c5 = conv(4 * kept, channels, 1)
        self.esa = ESA(channels, channels // 4)

    def forward(self, x: Tensor) -> Tensor:
        d1 = self.act(self.c1_d(x))
        r1 = self.act(self.c1_r(x) + x)
        d2 = self.act(self.c2_d(r1))
        r2 = self.act(self.c2_r(r1) + r1)
        d3 = self.act(self.c3_d(r2))
        r3 = self.act(self.c3_r(r2) + r2)
        r4 = self.act(self.c4(r3))
        return self.esa(self.c5(torch.cat([d1, d2, d3, r4], dim=1)))  # no skip over the block


class RFDN(nn.Module):
    def __init__(self, channels: int, scale: int) -> None:
        super().__init__()
        self.fea_conv = conv(3, channels, 3)
        self.B1 = RFDB(channels)
        self.B2 = RFDB(channels)
        self.B3 = RFDB(channels)
        self.B4 = RFDB(channels)
        self.c = nn.Sequential(conv(4 * channels, channels, 1), nn.LeakyReLU(0.05, inplace=True))
        self.LR_conv = conv(channels, channels, 3)
        self.upsampler = nn.Sequential(conv(channels, 3 * scale**2, 3), nn.PixelShuffle(scale))

    def forward(self, x: Tensor) -> Tensor:
        feature = self.fea_conv(x)
        b1 = self.B1(feature)
        b2 = self.B2(b1)
        b3 = self.B3(b2)
        b4 = self.B4(b3)
        fused = self.c(torch.cat([b1, b2, b3, b4], dim=1))
        return self.upsampler(self.LR_conv(fused) + feature)


def build(channels: int = 50, scale: int = 4) -> nn.Module:
    return RFDN(channels, scale)
