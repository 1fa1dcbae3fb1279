"""DITN-Real, the Deployment-friendly Image super-resolution Transformer (arXiv 2308.02794).

Range [0, 1]. The network pads itself to multiples of the patch size, and crops.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class FeedForward(nn.Module):
    def __init__(self, channels: int, hidden: int) -> None:
        super().__init__()
        self.project_in = nn.Conv2d(channels, 2 * hidden, 1, bias=False)
        self.dwconv = nn.Conv2d(2 * hidden, 2 * hidden, 3, padding=1, groups=2 * hidden, bias=False)
        self.project_out = nn.Conv2d(hidden, channels, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        gate, x = self.dwconv(self.project_in(x)).chunk(2, dim=1)
        return self.project_out(F.gelu(gate) * x)


class ISA(nn.Module):
    """Interaction of channels: attention between them, over the pixels of a patch."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.temperature = nn.Parameter(torch.ones(1, 1, 1))
        self.qkv = nn.Linear(channels, 3 * channels)
        self.project_out = nn.Conv2d(channels, channels, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        tokens = x.flatten(2).transpose(1, 2)  # (n, pixels, channels)
        q, k, v = self.qkv(tokens).transpose(1, 2).chunk(3, dim=1)
        attention = F.normalize(q, dim=2) @ F.normalize(k, dim=2).transpose(1, 2)
        out = (attention * self.temperature).softmax(dim=2) @ v
        return self.project_out(out.reshape(x.shape))


class SDA(nn.Module):
    """Attention by large depthwise convolutions, over the whole image."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.zeros(1, channels, 1, 1))
        self.proj_first = nn.Sequential(nn.Conv2d(channels, 2 * channels, 1))
        self.DConvs = nn.Sequential(
            nn.Conv2d(channels, channels, 5, padding=2, groups=channels),
            nn.Conv2d(channels, channels, 7, padding=9, groups=channels, dilation=3),
            nn.Conv2d(channels, channels, 1),
        )
        self.proj_last = nn.Sequential(nn.Conv2d(channels, channels, 1))

    def forward(self, x: Tensor) -> Tensor:
        a, x = self.proj_first(x).chunk(2, dim=1)
        return self.proj_last(x * self.DConvs(a)) * self.scale


class Layer(nn.Module):
    """Attention, then feed-forward; tanh and a 1x1 stand where others have LayerNorm."""

    attention: str
    """The name of the attention in the authors' files."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.ffn = FeedForward(channels, 2 * channels)
        self.conv1 = nn.Conv2d(channels, channels, 1)
        self.conv2 = nn.Conv2d(channels, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        attend = getattr(self, self.attention)
        x = x + attend(self.conv1(torch.tanh(x)))
        return x + self.ffn(self.conv2(torch.tanh(x)))


class ITL(Layer):
    attention = "attn"

    def __init__(self, channels: int) -> None:
        super().__init__(channels)
        self.attn = ISA(channels)


class SAL(Layer):
    attention = "SDA"

    def __init__(self, channels: int) -> None:
        super().__init__(channels)
        self.SDA = SDA(channels)


class UFONE(nn.Module):
    """Layers within patches (ITL), then layers across the image (SAL)."""

    def __init__(self, channels: int, layers: int, patch: int) -> None:
        super().__init__()
        self.patch = patch
        self.ITLs = nn.Sequential(*(ITL(channels) for _ in range(layers)))
        self.SALs = nn.Sequential(*(SAL(channels) for _ in range(layers)))

    def forward(self, x: Tensor) -> Tensor:
        n, c, h, w = x.shape
        p = self.patch
        x = x.reshape(n, c, h // p, p, w // p, p).permute(0, 2, 4, 1, 3, 5)
        x = self.ITLs(x.reshape(-1, c, p, p))
        x = x.reshape(n, h // p, w // p, c, p, p).permute(0, 3, 1, 4, 2, 5)
        return self.SALs(x.reshape(n, c, h, w))


class DITN(nn.Module):
    def __init__(self, channels: int, blocks: int, scale: int, patch: int = 8) -> None:
        super().__init__()
        self.scale, self.patch = scale, patch
        self.sft = nn.Conv2d(3, channels, 3, padding=1)
        self.UFONE = nn.Sequential(*(UFONE(channels, 4, patch) for _ in range(blocks)))
        self.conv_after_body = nn.Conv2d(channels, channels, 3, padding=1)
        self.upsample = nn.Sequential(
            nn.Conv2d(channels, 3 * scale**2, 3, padding=1), nn.PixelShuffle(scale)
        )

    def forward(self, x: Tensor) -> Tensor:
        h, w = x.shape[2:]
        x = F.pad(x, (0, -w % self.patch, 0, -h % self.patch), mode="reflect")
        feature = self.sft(x)
        out = self.upsample(self.conv_after_body(self.UFONE(feature)) + feature)
        return out[..., : h * self.scale, : w * self.scale]


def build(channels: int = 60, blocks: int = 1, scale: int = 4) -> nn.Module:
    return DITN(channels, blocks, scale)
