"""VapSR, vast-receptive-field pixel attention (arXiv 2210.05960). Range [0, 1]."""

from torch import Tensor, nn
from torch.nn import functional as F


def conv(in_channels: int, out_channels: int, kernel: int, groups: int = 1) -> nn.Conv2d:
    return nn.Conv2d(in_channels, out_channels, kernel, padding=kernel // 2, groups=groups)


class Attention(nn.Module):
    """Each pixel weighed by a 17x17 neighbourhood: pointwise, depthwise, dilated depthwise."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.pointwise = conv(channels, channels, 1)
        self.depthwise = conv(channels, channels, 5, groups=channels)
        self.depthwise_dilated = nn.Conv2d(
            channels, channels, 5, padding=6, groups=channels, dilation=3
        )

    def forward(self, x: Tensor) -> Tensor:
        return x * self.depthwise_dilated(self.depthwise(self.pointwise(x)))


class VAB(nn.Module):
    """Vast-receptive-field attention block, normalised after the residual sum."""

    def __init__(self, channels: int, attention_channels: int) -> None:
        super().__init__()
        self.proj_1 = conv(channels, attention_channels, 1)
        self.atten_branch = Attention(attention_channels)
        self.proj_2 = conv(attention_channels, channels, 1)
        self.pixel_norm = nn.LayerNorm(channels)  # over the channels of each pixel

    def forward(self, x: Tensor) -> Tensor:
        out = self.proj_2(self.atten_branch(F.gelu(self.proj_1(x)))) + x
        return self.pixel_norm(out.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


def upsampler(channels: int, scale: int) -> nn.Sequential:
    act = nn.LeakyReLU(0.1, inplace=True)
    if scale == 4:
        return nn.Sequential(
            conv(channels, 64, 3), nn.PixelShuffle(2), act, conv(16, 12, 3), nn.PixelShuffle(2)
        )
    return nn.Sequential(conv(channels, 56, 3), act, conv(56, 3 * scale**2, 3),
                         nn.PixelShuffle(scale))  # fmt: skip


class VapSR(nn.Module):
    def __init__(
        self, channels: int, blocks: int, attention_channels: int, groups: int, scale: int
    ) -> None:
        super().__init__()
        self.conv_first = conv(3, channels, 3)
        self.body = nn.Sequential(*(VAB(channels, attention_channels) for _ in range(blocks)))
        self.conv_body = conv(channels, channels, 3, groups)
        self.upsampler = upsampler(channels, scale)

    def forward(self, x: Tensor) -> Tensor:
        feature = self.conv_first(x)
        return self.upsampler(self.conv_body(self.body(feature)) + feature)


def build(
    channels: int = 48,
    blocks: int | None = None,
    attention_channels: int = 64,
    groups: int = 1,
    scale: int = 4,
) -> nn.Module:
    if blocks is None:  # as the official checkpoints have them
        blocks = 21 if scale == 4 else 20
    return VapSR(channels, blocks, attention_channels, groups, scale)
