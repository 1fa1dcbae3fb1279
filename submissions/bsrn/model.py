"""BSRN, the Blueprint Separable Residual Network (arXiv 2205.05996), and BSRN-S of NTIRE 2022.

Range [0, 1]. The official BSRN-S has Linear layers where BSRN has 1x1 convolutions. So has this
one: the arithmetic is the same, but NTIRE's activations and convs count convolutions alone.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F


def conv(in_channels: int, out_channels: int, kernel: int) -> nn.Conv2d:
    return nn.Conv2d(in_channels, out_channels, kernel, padding=kernel // 2)


class Pointwise(nn.Linear):
    """A 1x1 convolution written as a Linear layer on each pixel's channels."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


def pointwise(in_channels: int, out_channels: int, small: bool) -> nn.Module:
    return Pointwise(in_channels, out_channels) if small else conv(in_channels, out_channels, 1)


class BSConvU(nn.Module):
    """Blueprint separable convolution: pointwise (in BSRN-S with a bias), then depthwise."""

    def __init__(
        self, in_channels: int, out_channels: int, small: bool, stride: int = 1, padding: int = 1
    ) -> None:
        super().__init__()
        self.pw = (
            Pointwise(in_channels, out_channels)
            if small
            else nn.Conv2d(in_channels, out_channels, 1, bias=False)
        )
        self.dw = nn.Conv2d(
            out_channels, out_channels, 3, stride=stride, padding=padding, groups=out_channels
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.dw(self.pw(x))


class ESA(nn.Module):
    """Enhanced spatial attention with GELU and blueprint separable convolutions."""

    def __init__(self, channels: int, small: bool) -> None:
        super().__init__()
        width = channels // 4
        self.conv1 = pointwise(channels, width, small)
        self.conv_f = pointwise(width, width, small)
        self.conv_max = BSConvU(width, width, small)
        self.conv2 = (
            nn.Conv2d(width, width, 3, stride=2)
            if small
            else BSConvU(width, width, small, stride=2, padding=0)
        )
        self.conv3 = BSConvU(width, width, small)
        self.conv3_ = BSConvU(width, width, small)
        self.conv4 = pointwise(width, channels, small)

    def forward(self, x: Tensor) -> Tensor:
        c1 = self.conv1(x)
        c3 = F.gelu(self.conv_max(F.max_pool2d(self.conv2(c1), kernel_size=7, stride=3)))
        c3 = self.conv3_(F.gelu(self.conv3(c3)))
        c3 = F.interpolate(c3, x.shape[2:], mode="bilinear", align_corners=False)
        return x * torch.sigmoid(self.conv4(c3 + self.conv_f(c1)))


class CCA(nn.Module):
    """Contrast-aware channel attention, as in IMDN."""

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


class ESDB(nn.Module):
    """Efficient separable distillation block. BSRN-S has a learned channel vector for CCA."""

    def __init__(self, channels: int, small: bool) -> None:
        super().__init__()
        kept = channels // 2
        self.c1_d = pointwise(channels, kept, small)
        self.c1_r = BSConvU(channels, channels, small)
        self.c2_d = pointwise(channels, kept, small)
        self.c2_r = BSConvU(channels, channels, small)
        self.c3_d = pointwise(channels, kept, small)
        self.c3_r = BSConvU(channels, channels, small)
        self.c4 = BSConvU(channels, kept, small)
        self.c5 = pointwise(4 * kept, channels, small)
        self.esa = ESA(channels, small)
        self.small = small
        if small:
            self.cw = nn.Parameter(torch.ones(1, channels))
            self.conv_out = pointwise(channels, channels, small)
        else:
            self.cca = CCA(channels)

    def forward(self, x: Tensor) -> Tensor:
        d1 = F.gelu(self.c1_d(x))
        r1 = F.gelu(self.c1_r(x) + x)
        d2 = F.gelu(self.c2_d(r1))
        r2 = F.gelu(self.c2_r(r1) + r1)
        d3 = F.gelu(self.c3_d(r2))
        r3 = F.gelu(self.c3_r(r2) + r2)
        r4 = F.gelu(self.c4(r3))
        out = self.esa(self.c5(torch.cat([d1, d2, d3, r4], dim=1)))
        out = self.conv_out(out * self.cw[..., None, None]) if self.small else self.cca(out)
        return out + x


class PixelShuffleDirect(nn.Module):
    def __init__(self, channels: int, scale: int) -> None:
        super().__init__()
        self.upsampleOneStep = nn.Sequential(
            conv(channels, 3 * scale**2, 3), nn.PixelShuffle(scale)
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.upsampleOneStep(x)


class BSRN(nn.Module):
    def __init__(self, channels: int, blocks: int, small: bool, scale: int) -> None:
        super().__init__()
        self.fea_conv = BSConvU(4 * 3, channels, small)
        self.blocks = [f"B{i}" for i in range(1, blocks + 1)]
        for name in self.blocks:
            self.add_module(name, ESDB(channels, small))
        self.c1 = pointwise(blocks * channels, channels, small)
        self.c2 = BSConvU(channels, channels, small)
        self.upsampler = PixelShuffleDirect(channels, scale)

    def forward(self, x: Tensor) -> Tensor:
        feature = self.fea_conv(x.repeat(1, 4, 1, 1))  # the image four times over
        outs = [feature]
        for name in self.blocks:
            outs.append(getattr(self, name)(outs[-1]))
        fused = F.gelu(self.c1(torch.cat(outs[1:], dim=1)))
        return self.upsampler(self.c2(fused) + feature)


def build(channels: int = 64, blocks: int = 8, small: bool = False, scale: int = 4) -> nn.Module:
    return BSRN(channels, blocks, small, scale)
