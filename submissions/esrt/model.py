"""ESRT, efficient super-resolution transformer (arXiv 2108.11084). Range [0, 1].

A convolutional part that keeps the high frequencies, a transformer over 3x3 neighbourhoods as
tokens, and a second branch straight from the first features, which is never negative.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

QUERIES = 2048
"""Attended at a time: the matrix for all of a large image would not fit into any memory."""


class Scale(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(1))

    def forward(self, x: Tensor) -> Tensor:
        return x * self.scale


class BasicConv(nn.Module):
    """A convolution without bias and a ReLU."""

    def __init__(self, channels: int, out: int, kernel: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, out, kernel, padding=kernel // 2, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.conv(x))


class ChannelAttention(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv_du = nn.Sequential(
            nn.Conv2d(channels, channels // 16, 1),
            nn.ReLU(inplace=True),
            nn.Conv2d(channels // 16, channels, 1),
            nn.Sigmoid(),
        )

    def forward(self, x: Tensor) -> Tensor:
        return x * self.conv_du(F.adaptive_avg_pool2d(x, 1))


class ResidualUnit(nn.Module):
    """Through half the channels and back."""

    def __init__(self, n: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(n, n // 2, 3, padding=1)
        self.relu = nn.PReLU(n // 2)
        self.conv1 = nn.Conv2d(n // 2, n, 3, padding=1)
        self.weight1, self.weight2 = Scale(), Scale()

    def forward(self, x: Tensor) -> Tensor:
        return self.weight1(x) + self.weight2(self.conv1(self.relu(self.conv(x))))


class ARFB(nn.Module):
    """Adaptive residual feature block."""

    def __init__(self, n: int) -> None:
        super().__init__()
        self.layer1, self.layer2 = ResidualUnit(n), ResidualUnit(n)
        self.layer4 = BasicConv(n, n, 3)
        self.alise = BasicConv(2 * n, n, 1)
        self.atten = ChannelAttention(n)
        for i in range(1, 6):  # the first has no use
            self.add_module(f"weight{i}", Scale())

    def forward(self, x: Tensor) -> Tensor:
        x1 = self.layer1(x)
        x2 = self.layer2(x1)
        both = torch.cat([self.weight2(x2), self.weight3(x1)], dim=1)
        return self.weight4(x) + self.weight5(self.layer4(self.atten(self.alise(both))))


class HPB(nn.Module):
    """High preserving block: what half the size cannot show is treated apart."""

    STEPS = 5

    def __init__(self, n: int) -> None:
        super().__init__()
        self.encoder = ARFB(n)
        self.decoder_low, self.decoder_high = ARFB(n), ARFB(n)
        self.alise, self.alise2 = ARFB(n), BasicConv(2 * n, n, 1)
        self.att = ChannelAttention(n)

    def forward(self, x: Tensor) -> Tensor:
        first = self.encoder(x)
        low = F.avg_pool2d(first, 2)
        high = self.decoder_high(first - resized(low, first))
        for _ in range(self.STEPS):
            low = self.decoder_low(low)
        both = torch.cat([resized(low, first), high], dim=1)
        return self.alise(self.att(self.alise2(both))) + x


def resized(x: Tensor, like: Tensor) -> Tensor:
    return F.interpolate(x, size=like.shape[2:], mode="bilinear", align_corners=True)


class EMHA(nn.Module):
    """Multi-head attention among a quarter of the tokens at a time."""

    def __init__(self, dim: int, heads: int = 8) -> None:
        super().__init__()
        self.heads = heads
        self.scale = (dim // heads) ** -0.5  # of the width before it is halved
        self.reduce = nn.Linear(dim, dim // 2, bias=False)
        self.qkv = nn.Linear(dim // 2, dim // 2 * 3, bias=False)
        self.proj = nn.Linear(dim // 2, dim)

    def forward(self, x: Tensor) -> Tensor:
        n, tokens, _ = x.shape
        qkv = self.qkv(self.reduce(x)).reshape(n, tokens, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        chunks = zip(*(part.split(max(1, tokens // 4), dim=2) for part in qkv), strict=True)
        out = torch.cat([self.attended(q, k, v) for q, k, v in chunks], dim=2)
        return self.proj(out.transpose(1, 2).flatten(2))

    def attended(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        keys = k.transpose(2, 3)
        rows = [(part @ keys * self.scale).softmax(dim=3) @ v for part in q.split(QUERIES, dim=2)]
        return torch.cat(rows, dim=2)


class Mlp(nn.Module):
    def __init__(self, dim: int) -> None:
        super().__init__()
        self.fc1 = nn.Linear(dim, dim // 4)
        self.fc2 = nn.Linear(dim // 4, dim)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc2(F.relu(self.fc1(x)))


class Transformer(nn.Module):
    """Tokens are 3x3 neighbourhoods; where they overlap they are added up again."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        dim = 9 * channels
        self.norm1, self.norm2 = nn.LayerNorm(dim), nn.LayerNorm(dim)
        self.atten, self.mlp = EMHA(dim), Mlp(dim)

    def forward(self, x: Tensor) -> Tensor:
        tokens = F.unfold(x, 3, padding=1).transpose(1, 2)
        tokens = tokens + self.atten(self.norm1(tokens))
        tokens = tokens + self.mlp(self.norm2(tokens))
        return F.fold(tokens.transpose(1, 2), x.shape[2:], 3, padding=1)


class Un(nn.Module):
    """Three high preserving blocks and the transformer over all they give."""

    def __init__(self, n: int) -> None:
        super().__init__()
        self.encoder1, self.encoder2, self.encoder3 = HPB(n), HPB(n), HPB(n)
        self.reduce = nn.Conv2d(3 * n, n, 3, padding=1)
        self.attention = Transformer(n)
        self.alise = nn.Conv2d(n, n, 3, padding=1)
        self.weight1, self.weight2 = Scale(), Scale()

    def forward(self, x: Tensor) -> Tensor:
        x1 = self.encoder1(x)
        x2 = self.encoder2(x1)
        x3 = self.encoder3(x2)
        attended = self.attention(self.reduce(torch.cat([x1, x2, x3], dim=1)))
        return self.weight1(x) + self.weight2(self.alise(attended))


def upsampler(n: int, scale: int) -> nn.Sequential:
    layers: list[nn.Module] = []
    for step in [2, 2] if scale == 4 else [scale]:
        layers += [nn.Conv2d(n, n * step**2, 3, padding=1), nn.PixelShuffle(step)]
    return nn.Sequential(*layers)


class ESRT(nn.Module):
    def __init__(self, scale: int, n: int = 32) -> None:
        super().__init__()
        self.head = nn.Sequential(nn.Conv2d(3, n, 3, padding=1))
        self.body = nn.Sequential(Un(n))
        self.reduce = nn.Conv2d(n, n, 3, padding=1)
        self.tail = nn.Sequential(upsampler(n, scale), nn.Conv2d(n, 3, 3, padding=1))
        self.up = nn.Sequential(upsampler(n, scale), BasicConv(n, 3, 3))

    def forward(self, x: Tensor) -> Tensor:
        first = self.head(x)
        return self.tail(self.reduce(self.body(first))) + self.up(first)


def build(scale: int = 4) -> nn.Module:
    return ESRT(scale)
