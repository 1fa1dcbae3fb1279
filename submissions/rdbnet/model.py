"""The architecture this project's study proposes: residual dense blocks, fusion, attention.

Range [0, 1]. Head, N blocks of three convolutions whose outputs are concatenated, a fusion of all
blocks, enhanced spatial attention, a long skip, pixel shuffle. The study leaves C and N open.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F


def conv(in_channels: int, out_channels: int, kernel: int) -> nn.Conv2d:
    return nn.Conv2d(in_channels, out_channels, kernel, padding=kernel // 2)


class CALayer(nn.Module):
    """Channel attention from the mean of each channel."""

    def __init__(self, channels: int, reduction: int = 16) -> None:
        super().__init__()
        self.conv_du = nn.Sequential(
            conv(channels, channels // reduction, 1),
            nn.ReLU(inplace=True),
            conv(channels // reduction, channels, 1),
            nn.Sigmoid(),
        )

    def forward(self, x: Tensor) -> Tensor:
        return x * self.conv_du(F.adaptive_avg_pool2d(x, 1))


class ESA(nn.Module):
    """Enhanced spatial attention in the light form of RLFN."""

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


class RDB(nn.Module):
    """Three convolutions in a row, all three outputs fused, channel attention, a skip."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1 = conv(channels, channels, 3)
        self.conv2 = conv(channels, channels, 3)
        self.conv3 = conv(channels, channels, 3)
        self.fuse = conv(3 * channels, channels, 1)
        self.attention = CALayer(channels)

    def forward(self, x: Tensor) -> Tensor:
        f1 = F.relu(self.conv1(x))
        f2 = F.relu(self.conv2(f1))
        f3 = F.relu(self.conv3(f2))
        return self.attention(self.fuse(torch.cat([f1, f2, f3], dim=1))) + x


class RDBNet(nn.Module):
    def __init__(self, channels: int, blocks: int, scale: int) -> None:
        super().__init__()
        self.head = conv(3, channels, 3)
        self.blocks = nn.ModuleList(RDB(channels) for _ in range(blocks))
        self.fuse = conv(blocks * channels, channels, 1)
        self.esa = ESA(channels)
        self.upsampler = nn.Sequential(conv(channels, 3 * scale**2, 3), nn.PixelShuffle(scale))

    def forward(self, x: Tensor) -> Tensor:
        feature = F.relu(self.head(x))
        outs = [feature]
        for block in self.blocks:
            outs.append(block(outs[-1]))
        return self.upsampler(self.esa(self.fuse(torch.cat(outs[1:], dim=1))) + feature)


def build(channels: int = 48, blocks: int = 4, scale: int = 4) -> nn.Module:
    return RDBNet(channels, blocks, scale)
