"""ELAN and ELAN-light, efficient long-range attention network (arXiv 2203.06697). Range [0, 255].

Layers of shifted 1x1 convolutions and of attention in windows of three sizes, whose maps the next
layer may use once more. There is no key: pixels are compared by their queries.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

MEAN = (0.4488, 0.4371, 0.4040)
WINDOWS = (4, 8, 16)
MULTIPLE = 16


class MeanShift(nn.Conv2d):
    """Adds `sign` times the mean colour of DIV2K; fixed."""

    def __init__(self, sign: int) -> None:
        super().__init__(3, 3, 1)
        self.weight.data.copy_(torch.eye(3).reshape(3, 3, 1, 1))
        self.bias.data.copy_(sign * 255 * torch.tensor(MEAN))
        self.requires_grad_(False)


class ShiftedPoints(nn.Module):
    """A 1x1 convolution whose inputs are first moved by a pixel, a fifth of them each way."""

    TAPS = ((1, 2), (1, 0), (2, 1), (0, 1))
    """Right, left, below, above: where a pixel takes its value from. The rest stay."""

    def __init__(self, channels: int, out: int) -> None:
        super().__init__()
        weight, fifth = torch.zeros(channels, 1, 3, 3), channels // 5
        for i, (y, x) in enumerate(self.TAPS):
            weight[i * fifth : (i + 1) * fifth, 0, y, x] = 1
        weight[len(self.TAPS) * fifth :, 0, 1, 1] = 1
        self.weight = nn.Parameter(weight, requires_grad=False)
        self.conv1x1 = nn.Conv2d(channels, out, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv1x1(F.conv2d(x, self.weight, padding=1, groups=x.shape[1]))


class ShiftConv(nn.Module):
    def __init__(self, channels: int, out: int) -> None:
        super().__init__()
        self.shift_conv = ShiftedPoints(channels, out)

    def forward(self, x: Tensor) -> Tensor:
        return self.shift_conv(x)


class LFE(nn.Module):
    """Local feature extraction."""

    def __init__(self, channels: int, expand: int = 2) -> None:
        super().__init__()
        self.conv0 = ShiftConv(channels, channels * expand)
        self.conv1 = ShiftConv(channels * expand, channels)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv1(F.relu(self.conv0(x)))


class GMSA(nn.Module):
    """Attention within windows, a third of the channels for each size of window.

    The first of a block computes the maps, the others are given them.
    """

    def __init__(self, channels: int, shifted: bool, computes: bool) -> None:
        super().__init__()
        inner = channels * (2 if computes else 1)
        self.shifted = shifted
        self.project_inp = nn.Sequential(nn.Conv2d(channels, inner, 1), nn.BatchNorm2d(inner))
        self.project_out = nn.Conv2d(channels, channels, 1)

    def forward(self, x: Tensor, maps: list[Tensor]) -> tuple[Tensor, list[Tensor]]:
        """`x` (N, C, H, W), sides multiples of 16; `maps`: empty, or one for each size."""
        outputs, used = [], []
        for i, part in enumerate(self.project_inp(x).chunk(len(WINDOWS), dim=1)):
            size, by = WINDOWS[i], WINDOWS[i] // 2 if self.shifted else 0
            rolled = part.roll((-by, -by), dims=(2, 3)) if by else part
            tokens = windows(rolled, size)
            if maps:
                weights, values = maps[i], tokens
            else:
                queries, values = tokens.chunk(2, dim=2)
                weights = (queries @ queries.transpose(1, 2)).softmax(dim=2)
            y = from_windows(weights @ values, size, part.shape)
            outputs.append(y.roll((by, by), dims=(2, 3)) if by else y)
            used.append(weights)
        return self.project_out(torch.cat(outputs, dim=1)), used


def windows(x: Tensor, size: int) -> Tensor:
    """(N, C, H, W) to (N * windows, pixels, C)."""
    n, c, height, width = x.shape
    x = x.reshape(n, c, height // size, size, width // size, size)
    return x.permute(0, 2, 4, 3, 5, 1).reshape(-1, size**2, c)


def from_windows(tokens: Tensor, size: int, like: torch.Size) -> Tensor:
    """(N * windows, pixels, C) to (N, C, H, W) of N, H and W as in `like`."""
    n, _, height, width = like
    x = tokens.reshape(n, height // size, width // size, size, size, -1)
    return x.permute(0, 5, 1, 3, 2, 4).reshape(n, -1, height, width)


class ELAB(nn.Module):
    def __init__(self, channels: int, shared: int, shifted: bool) -> None:
        super().__init__()
        layers = range(shared + 1)
        self.modules_lfe = nn.ModuleDict({f"lfe_{j}": LFE(channels) for j in layers})
        self.modules_gmsa = nn.ModuleDict(
            {f"gmsa_{j}": GMSA(channels, shifted, computes=j == 0) for j in layers}
        )

    def forward(self, x: Tensor) -> Tensor:
        maps: list[Tensor] = []
        for lfe, gmsa in zip(self.modules_lfe.values(), self.modules_gmsa.values(), strict=True):
            x = lfe(x) + x
            attended, maps = gmsa(x, maps)
            x = attended + x
        return x


class ELAN(nn.Module):
    def __init__(self, channels: int, layers: int, shared: int, scale: int) -> None:
        super().__init__()
        self.scale = scale
        self.sub_mean, self.add_mean = MeanShift(-1), MeanShift(1)
        self.head = nn.Sequential(nn.Conv2d(3, channels, 3, padding=1))
        self.body = nn.Sequential(
            *(ELAB(channels, shared, i % 2 == 1) for i in range(layers // (shared + 1)))
        )
        self.tail = nn.Sequential(
            nn.Conv2d(channels, 3 * scale**2, 3, padding=1), nn.PixelShuffle(scale)
        )

    def forward(self, x: Tensor) -> Tensor:
        height, width = x.shape[2:]
        first = self.head(self.sub_mean(reflected(x, MULTIPLE)))
        sr = self.add_mean(self.tail(self.body(first) + first))
        return sr[..., : height * self.scale, : width * self.scale]


def reflected(x: Tensor, multiple: int) -> Tensor:
    """`x` made larger at the right and below by mirroring it, its edge pixels not repeated."""
    for axis in (2, 3):
        size = x.shape[axis]
        period = max(2 * size - 2, 1)
        index = torch.arange(-(-size // multiple) * multiple, device=x.device) % period
        x = x.index_select(axis, torch.minimum(index, period - index) if size > 1 else index)
    return x


def build(form: str = "light", scale: int = 4) -> nn.Module:
    channels, layers, shared = (60, 24, 1) if form == "light" else (180, 36, 0)
    return ELAN(channels, layers, shared, scale)
