"""EFDN, the Edge-enhanced Feature Distillation Network (arXiv 2204.08759), in its deployed form.

Range [0, 1]; the network clamps its own output.
"""

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


class Conv1x1(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1x1 = conv(channels, channels, 1)
        self.act = nn.PReLU(channels)

    def forward(self, x: Tensor) -> Tensor:
        return self.act(self.conv1x1(x))


class EDBB(nn.Module):
    """Edge-enhanced diverse branch block; deployed, its branches are one 3x3 convolution."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.rep_conv = conv(channels, channels, 3)
        self.act = nn.PReLU(channels)

    def forward(self, x: Tensor) -> Tensor:
        return self.act(self.rep_conv(x))


class Cell(nn.Module):
    """Distils the input and each of three steps to half the channels, then fuses them."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1 = Conv1x1(channels)
        self.conv2 = EDBB(channels)
        self.conv3 = EDBB(channels)
        self.fuse = conv(2 * channels, channels, 1)
        self.att = ESA(channels, channels // 4)
        self.branch = nn.ModuleList(conv(channels, channels // 2, 1) for _ in range(4))

    def forward(self, x: Tensor) -> Tensor:
        c1 = self.conv1(x)
        c2 = self.conv2(c1)
        c3 = self.conv3(c2)
        steps = zip(self.branch, (x, c1, c2, c3), strict=True)
        return self.att(self.fuse(torch.cat([branch(y) for branch, y in steps], dim=1))) + x


class EFDN(nn.Module):
    def __init__(self, channels: int, scale: int) -> None:
        super().__init__()
        self.head = conv(3, channels, 3)
        self.cells = nn.ModuleList(Cell(channels) for _ in range(4))
        self.local_fuse = nn.ModuleList(conv(2 * channels, channels, 1) for _ in range(3))
        self.tail = nn.Sequential(conv(channels, 3 * scale**2, 3), nn.PixelShuffle(scale))

    def forward(self, x: Tensor) -> Tensor:
        head = self.head(x)
        o1 = self.cells[0](head)
        o2 = self.cells[1](o1)
        f2 = self.local_fuse[0](torch.cat([o1, o2], dim=1))
        o3 = self.cells[2](f2)
        f3 = self.local_fuse[1](torch.cat([o2, o3], dim=1))
        o4 = self.cells[3](f3)
        f4 = self.local_fuse[2](torch.cat([o2, o4], dim=1))  # o2 again, not o3
        return self.tail(f4 + head).clamp(0, 1)


def build(channels: int = 48, scale: int = 4) -> nn.Module:
    return EFDN(channels, scale)
