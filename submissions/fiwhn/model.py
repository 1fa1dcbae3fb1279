"""FIWHN, feature interaction weighted hybrid network (arXiv 2212.14181).

Range [0, 255]. The same three convolutional units are passed twice, with a transformer between.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

SLOPE = 0.05
MEAN = (0.4488, 0.4371, 0.4040)
QUERIES = 2048
"""Attended at a time: the matrix for all of a large image would not fit into any memory."""


class MeanShift(nn.Conv2d):
    """Begins as adding `sign` times the mean colour of DIV2K, and is trained."""

    def __init__(self, sign: int) -> None:
        super().__init__(3, 3, 1)
        self.weight.data.copy_(torch.eye(3).reshape(3, 3, 1, 1))
        self.bias.data.copy_(sign * 255 * torch.tensor(MEAN))


class Scale(nn.Module):
    def __init__(self, value: float = 1.0) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.full((1,), value))

    def forward(self, x: Tensor) -> Tensor:
        return x * self.scale


def shuffle(x: Tensor, groups: int) -> Tensor:
    """Channel c of group g goes to place c * groups + g."""
    return x.unflatten(1, (groups, -1)).transpose(1, 2).flatten(1, 2)


class ShuffleAttention(nn.Module):
    """In each group of channels, half are weighed by their mean, half by themselves."""

    def __init__(self, channels: int, groups: int = 4) -> None:
        super().__init__()
        self.groups = groups
        half = channels // (2 * groups)
        for name in ("cweight", "cbias", "sweight", "sbias"):
            self.register_parameter(name, nn.Parameter(torch.zeros(1, half, 1, 1)))
        self.gn = nn.GroupNorm(half, half)

    def forward(self, x: Tensor) -> Tensor:
        grouped = x.reshape(-1, x.shape[1] // self.groups, *x.shape[2:])
        by_channel, by_place = grouped.chunk(2, dim=1)
        mean = by_channel.mean(dim=(2, 3), keepdim=True)
        by_channel = by_channel * torch.sigmoid(self.cweight * mean + self.cbias)
        by_place = by_place * torch.sigmoid(self.sweight * self.gn(by_place) + self.sbias)
        return shuffle(torch.cat([by_channel, by_place], dim=1).reshape(x.shape), 2)


class SRBW(nn.Module):
    """Wide 1x1, narrow 1x1, 3x3.

    With attention at x4 alone. So is the residual, but for the one that goes through a convolution.
    """

    def __init__(self, channels: int, wide: int, narrow: int, out: int, whole: bool) -> None:
        super().__init__()
        self.whole, self.narrows = whole, channels != out
        self.res_scale, self.x_scale = Scale(), Scale()
        self.body = nn.Sequential(
            nn.Conv2d(channels, wide, 1),
            nn.ReLU(inplace=True),
            nn.Conv2d(wide, narrow, 1),
            nn.Conv2d(narrow, out, 3, padding=1),
        )
        self.SAlayer = ShuffleAttention(out)
        if self.narrows:
            self.conv = nn.Conv2d(channels, out, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        out = self.body(x)
        out = self.res_scale(self.SAlayer(out) if self.whole else out)
        if self.narrows:
            return out + self.x_scale(self.conv(x))
        return out + self.x_scale(x) if self.whole else out


class CoffConv(nn.Module):
    """A gate a channel, from its mean and from its deviation; never below one half."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        few = channels // 8
        self.upper_branch = nn.Sequential(
            nn.AdaptiveAvgPool2d(1), nn.Conv2d(channels, few, 1), nn.ReLU(),
            nn.Conv2d(few, channels, 1), nn.ReLU(), nn.Sigmoid(),
        )  # fmt: skip
        self.lower_branch = nn.Sequential(
            nn.Conv2d(channels, few, 1), nn.ReLU(),
            nn.Conv2d(few, channels, 1), nn.ReLU(), nn.Sigmoid(),
        )  # fmt: skip

    def forward(self, x: Tensor) -> Tensor:
        mean = x.mean(dim=(2, 3), keepdim=True)
        deviation = (x - mean).square().mean(dim=(2, 3), keepdim=True).sqrt()
        return (self.upper_branch(x) + self.lower_branch(deviation)) / 2


class WDIB(nn.Module):
    """Wide-residual distillation interaction block: two paths that hear of each other."""

    def __init__(self, n: int, whole: bool) -> None:
        super().__init__()
        for name in ("srb1", "srb2", "rb1", "rb2", "srb3", "srb4"):
            self.add_module(name, SRBW(n, 2 * n, n // 2, n, whole))
        for name in ("A1", "B1", "A2", "B2"):
            self.add_module(f"{name}_coffconv", CoffConv(n))
        self.conv_distilled1 = nn.Conv2d(n, n, 1, bias=False)
        self.conv_distilled2 = nn.Conv2d(n, n, 1, bias=False)
        self.scale_x1, self.scale_x2 = Scale(), Scale()
        self.fuse1 = SRBW(2 * n, 4 * n, n, n, whole)
        self.fuse2 = nn.Conv2d(2 * n, n, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        kept_a = F.leaky_relu(self.srb1(x), SLOPE)
        a = self.rb1(kept_a)
        b = self.A1_coffconv(a) * a + x
        a = self.B1_coffconv(x) * x + a
        kept_b = F.leaky_relu(self.srb2(b), SLOPE)
        b = self.rb2(kept_b)
        to_b = (self.A2_coffconv(a) * a + b) * torch.sigmoid(self.conv_distilled1(kept_b))
        to_a = (self.B2_coffconv(b) * b + a) * torch.sigmoid(self.conv_distilled2(kept_a))
        a, b = self.srb3(to_a), self.srb4(to_b)
        both = torch.cat([self.scale_x1(a), self.scale_x2(b)], dim=1)
        return self.fuse1(both) + torch.sigmoid(self.fuse2(both)) * b


class EMHA(nn.Module):
    """Multi-head attention among a quarter of the tokens at a time."""

    def __init__(self, dim: int, heads: int = 9) -> None:
        super().__init__()
        self.heads = heads
        self.scale = (dim // heads) ** -0.5
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


class FIWHN(nn.Module):
    def __init__(self, scale: int, n: int = 32) -> None:
        super().__init__()
        whole = scale == 4
        self.Sub_mean, self.Add_mean = MeanShift(-1), MeanShift(1)
        self.head = nn.Conv2d(3, n, 3, padding=1)
        self.MY1, self.MY2, self.MY3 = (WDIB(n, whole) for _ in range(3))
        self.conv_concat1 = nn.Conv2d(2 * n, n, 3, padding=1, groups=4, bias=False)
        self.conv_concat2 = nn.Conv2d(2 * n, n, 3, padding=1, groups=4, bias=False)
        self.attention1, self.attention2 = Transformer(n), Transformer(n)
        self.conv = nn.Conv2d(2 * n, n, 1, bias=False)
        self.scale_x, self.scale_res = Scale(), Scale()
        self.conv_down = nn.Conv2d(n, n, 3, padding=1, bias=False)
        self.conv_up = nn.Conv2d(n, n, 3, padding=1, bias=False)
        self.conv1 = nn.Conv2d(n, n, 3, padding=1, bias=False)
        self.UP1 = upsampler(n, scale)
        self.conv2 = nn.Conv2d(3, n, 3, padding=1)
        self.UP2 = upsampler(n, scale)

    def fused(self, o1: Tensor, o2: Tensor, o3: Tensor, past: Tensor) -> Tensor:
        k = shuffle(self.conv_concat1(torch.cat([o1, o2], dim=1)), 4)
        k = shuffle(self.conv_concat2(torch.cat([k, o3], dim=1)), 4)
        return self.scale_x(k + o3) + self.scale_res(past)

    def forward(self, x: Tensor) -> Tensor:
        x = self.Sub_mean(x)
        h = self.head(x)
        o1 = self.MY1(h)
        o2 = self.MY2(o1)
        first = self.fused(o1, o2, self.MY3(o2), h)
        t = self.attention2(self.attention1(self.conv_down(o2) + h))
        o1 = self.MY1(first)
        o2 = self.MY2(o1 + self.conv_up(t))
        second = self.fused(o1, o2, self.MY3(o2), first)
        y = self.conv(torch.cat([second, t], dim=1))
        return self.Add_mean(self.UP1(self.conv1(y)) + self.UP2(self.conv2(x)))


def upsampler(n: int, scale: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(n, 3 * scale**2, 3, padding=1), nn.PixelShuffle(scale))


def build(scale: int = 4) -> nn.Module:
    return FIWHN(scale)
