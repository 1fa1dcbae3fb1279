"""SeemoRe, See More Details (arXiv 2402.03412): a mixture of low-rank experts. Range [0, 1]."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

MEAN = (0.4488, 0.4371, 0.4040)  # RGB mean of DIV2K


def depthwise(channels: int, height: int, width: int) -> nn.Conv2d:
    # padding="same" would say this, but becomes an operator that fvcore counts nothing for.
    padding = (height // 2, width // 2)
    return nn.Conv2d(channels, channels, (height, width), padding=padding, groups=channels)


class LayerNorm(nn.Module):
    """Over the channels of each pixel."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor) -> Tensor:
        x = x - x.mean(dim=1, keepdim=True)
        x = x / torch.sqrt(x.square().mean(dim=1, keepdim=True) + 1e-6)
        return x * self.weight[:, None, None] + self.bias[:, None, None]


class StripedConv(nn.Module):
    """A square kernel as a row and a column."""

    def __init__(self, channels: int, kernel: int) -> None:
        super().__init__()
        self.conv = nn.Sequential(depthwise(channels, 1, kernel), depthwise(channels, kernel, 1))

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(x)


class GatedFFN(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.fn_1 = nn.Sequential(nn.Conv2d(channels, 2 * channels, 1), nn.GELU())
        self.gate = depthwise(channels, 3, 3)
        self.fn_2 = nn.Sequential(nn.Conv2d(channels, channels, 1), nn.GELU())

    def forward(self, x: Tensor) -> Tensor:
        x, gate = self.fn_1(x).chunk(2, dim=1)
        return self.fn_2(x * self.gate(gate))


class StripedAttention(nn.Module):
    """The block of the spatial enhancement module (SME)."""

    def __init__(self, channels: int, kernel: int) -> None:
        super().__init__()
        self.to_qv = nn.Sequential(nn.Conv2d(channels, 2 * channels, 1), nn.GELU())
        self.attn = StripedConv(channels, kernel)
        self.proj = nn.Conv2d(channels, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        q, v = self.to_qv(x).chunk(2, dim=1)
        return self.proj(self.attn(q) * v)


class Expert(nn.Module):
    """A product of two low-rank projections."""

    def __init__(self, channels: int, rank: int) -> None:
        super().__init__()
        self.conv_1 = nn.Conv2d(channels, rank, 1)
        self.conv_2 = nn.Conv2d(channels, rank, 1)
        self.conv_3 = nn.Conv2d(rank, channels, 1)

    def forward(self, x: Tensor, k: Tensor) -> Tensor:
        return self.conv_3(self.conv_1(x) * self.conv_2(k))


class Router(nn.Module):
    """The probability of each expert, from the image's mean feature."""

    def __init__(self, channels: int, experts: int) -> None:
        super().__init__()
        pool, flat = nn.AdaptiveAvgPool2d(1), nn.Flatten()
        self.body = nn.Sequential(pool, flat, nn.Linear(channels, experts, bias=False))

    def forward(self, x: Tensor) -> Tensor:
        return self.body(x).softmax(dim=1)


class MoELayer(nn.Module):
    """Each image of the batch goes through the one expert its router prefers."""

    def __init__(self, channels: int, experts: int) -> None:
        super().__init__()
        self.experts = nn.ModuleList(Expert(channels, 2 ** (i + 1)) for i in range(experts))
        self.gate = Router(channels, experts)

    def forward(self, x: Tensor, k: Tensor) -> Tensor:
        weight, chosen = self.gate(x).max(dim=1)  # not renormalised
        routed = [
            self.experts[int(expert)](x[i : i + 1], k[i : i + 1]) for i, expert in enumerate(chosen)
        ]
        return x + weight[:, None, None, None] * torch.cat(routed)


class MoEBlock(nn.Module):
    """The block of the rank modulating expert (RME)."""

    def __init__(self, channels: int, experts: int, shuffle: bool, recursive: int) -> None:
        super().__init__()
        self.shuffle, self.recursive = shuffle, recursive
        self.conv_1 = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1),
            nn.GELU(),
            nn.Conv2d(channels, 2 * channels, 1),
        )
        self.agg_conv = nn.Sequential(
            nn.Conv2d(channels, channels, 4, stride=4, groups=channels), nn.GELU()
        )
        self.conv = nn.Sequential(depthwise(channels, 3, 3), nn.Conv2d(channels, channels, 1))
        self.conv_2 = nn.Sequential(StripedConv(channels, 3), nn.GELU())
        self.moe_layer = MoELayer(channels, experts)
        self.proj = nn.Conv2d(channels, channels, 1)

    def calibrate(self, k: Tensor) -> Tensor:
        """`k` plus what it looks like from afar; the same weights at each step away."""
        far = k
        for _ in range(self.recursive):
            far = self.agg_conv(far)
        far = self.conv(far)
        return k + F.interpolate(far, size=k.shape[2:], mode="bilinear", align_corners=False)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv_1(x)
        if self.shuffle:
            x = x.unflatten(1, (2, -1)).transpose(1, 2).flatten(1, 2)
        x, k = x.chunk(2, dim=1)
        return self.proj(self.moe_layer(self.conv_2(x), self.calibrate(k)))


class Residual(nn.Module):
    """A block and a gated feed-forward network, each normalised before and added."""

    def __init__(self, channels: int, block: nn.Module) -> None:
        super().__init__()
        self.norm_1 = LayerNorm(channels)
        self.block = block
        self.norm_2 = LayerNorm(channels)
        self.ffn = GatedFFN(channels)

    def forward(self, x: Tensor) -> Tensor:
        x = self.block(self.norm_1(x)) + x
        return self.ffn(self.norm_2(x)) + x


class ResGroup(nn.Module):
    def __init__(self, channels: int, shuffle: bool, recursive: int) -> None:
        super().__init__()
        self.local_block = Residual(channels, MoEBlock(channels, 3, shuffle, recursive))
        self.global_block = Residual(channels, StripedAttention(channels, kernel=11))

    def forward(self, x: Tensor) -> Tensor:
        return self.global_block(self.local_block(x))


class SeemoRe(nn.Module):
    mean: Tensor

    def __init__(
        self, channels: int, groups: int, shuffle: bool, recursive: int, scale: int
    ) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor(MEAN).reshape(1, 3, 1, 1), persistent=False)
        self.conv_1 = nn.Conv2d(3, channels, 3, padding=1)
        self.body = nn.Sequential(*(ResGroup(channels, shuffle, recursive) for _ in range(groups)))
        self.norm = LayerNorm(channels)
        self.conv_2 = nn.Conv2d(channels, channels, 3, padding=1)
        self.upsampler = nn.Sequential(
            nn.Conv2d(channels, 3 * scale**2, 3, padding=1), nn.PixelShuffle(scale)
        )

    def forward(self, x: Tensor) -> Tensor:
        feature = self.conv_1(x - self.mean)
        out = self.conv_2(self.norm(self.body(feature))) + feature
        return self.upsampler(out) + self.mean


def build(
    channels: int = 36, groups: int = 6, shuffle: bool = True, recursive: int = 2, scale: int = 4
) -> nn.Module:
    return SeemoRe(channels, groups, shuffle, recursive, scale)
