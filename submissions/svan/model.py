"""SVAN, the Symmetric Visual Attention Network (arXiv 2401.08913). Range [0, 1].

Written after a public NTIRE-style file whose class names are the paper's, but whose authors are not
known to be. weights.md says what of the paper agrees with it and what could not be compared.
"""

from torch import Tensor, nn
from torch.nn import functional as F


def conv(in_channels: int, out_channels: int, kernel: int, groups: int = 1) -> nn.Conv2d:
    return nn.Conv2d(in_channels, out_channels, kernel, padding=kernel // 2, groups=groups)


def dilated(channels: int) -> nn.Conv2d:
    """Depthwise 5x5 with dilation 3: 17x17 seen through a depthwise 5x5 before it."""
    return nn.Conv2d(channels, channels, 5, padding=6, groups=channels, dilation=3)


class LKA(nn.Module):
    """Large kernel attention: depthwise, dilated depthwise, pointwise."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv0 = conv(channels, channels, 5, groups=channels)
        self.conv_spatial = dilated(channels)
        self.conv1 = conv(channels, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        return x * self.conv1(self.conv_spatial(self.conv0(x)))


class MirroredLKA(nn.Module):
    """The same in the other order: pointwise, depthwise, dilated depthwise."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.pointwise = conv(channels, channels, 1)
        self.depthwise = conv(channels, channels, 5, groups=channels)
        self.depthwise_dilated = dilated(channels)

    def forward(self, x: Tensor) -> Tensor:
        return x * self.depthwise_dilated(self.depthwise(self.pointwise(x)))


class SLKABlock(nn.Module):
    """Symmetric large kernel attention block, 17-1-1-17, normalised after the residual sum."""

    def __init__(self, channels: int, attention_channels: int) -> None:
        super().__init__()
        self.proj_1 = conv(channels, attention_channels, 1)
        self.spatial_gating_unit = LKA(attention_channels)
        self.proj_2 = conv(attention_channels, attention_channels, 1)
        self.atten_branch = MirroredLKA(attention_channels)
        self.proj_3 = conv(attention_channels, channels, 1)
        self.pixel_norm = nn.LayerNorm(channels)  # over the channels of each pixel

    def forward(self, x: Tensor) -> Tensor:
        out = self.spatial_gating_unit(F.gelu(self.proj_1(x)))
        out = self.atten_branch(F.gelu(self.proj_2(out)))
        out = self.proj_3(out) + x
        return self.pixel_norm(out.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class SVAN(nn.Module):
    def __init__(self, channels: int, blocks: int, attention_channels: int, scale: int) -> None:
        super().__init__()
        self.conv_first = conv(3, channels, 3)
        self.body = nn.Sequential(*(SLKABlock(channels, attention_channels) for _ in range(blocks)))
        self.conv_body = conv(channels, channels, 3, groups=2)
        self.upsampler = nn.Sequential(conv(channels, 3 * scale**2, 3), nn.PixelShuffle(scale))

    def forward(self, x: Tensor) -> Tensor:
        feature = self.conv_first(x)
        return self.upsampler(self.conv_body(self.body(feature)) + feature)


def build(
    channels: int = 48, blocks: int = 7, attention_channels: int = 64, scale: int = 4
) -> nn.Module:
    return SVAN(channels, blocks, attention_channels, scale)
