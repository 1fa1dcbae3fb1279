"""PCSR, pixel-level classification for super-resolution (arXiv 2407.21448), x4, range [0, 1].

Features are made at LR size. For every HR pixel a small classifier says whether a light network
will do or the heavy one is needed: the cost depends on the image. The networks see the nearest
feature, where in it the pixel lies, and how large a pixel is.
"""

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

MEAN = (0.4488, 0.4371, 0.4040)
GROUPS = 4


class Unit(nn.Module):
    def __init__(self, n: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(n, n, 3, padding=1, groups=GROUPS),
            nn.ReLU(inplace=True),
            nn.Conv2d(n, n, 3, padding=1, groups=GROUPS),
            nn.ReLU(inplace=True),
            nn.Conv2d(n, n, 1),
        )

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.body(x) + x)


def fusion(inputs: int, n: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs * n, n, 1, bias=False), nn.BatchNorm2d(n), nn.ReLU(inplace=True)
    )


class Cascade(nn.Module):
    """Three steps, each fused with all before it; `names` are the modules of the steps."""

    def __init__(self, n: int, names: tuple[str, str, str]) -> None:
        super().__init__()
        self.names = names
        self.c1, self.c2, self.c3 = fusion(2, n), fusion(3, n), fusion(4, n)

    def cascade(self, x: Tensor) -> Tensor:
        seen = x
        for name, fuse in zip(self.names, (self.c1, self.c2, self.c3), strict=True):
            seen = torch.cat([seen, self.get_submodule(name)(x)], dim=1)
            x = fuse(seen)
        return x


class Block(Cascade):
    """One unit, three times."""

    def __init__(self, n: int) -> None:
        super().__init__(n, ("b1", "b1", "b1"))
        self.b1 = Unit(n)

    def forward(self, x: Tensor) -> Tensor:
        return self.cascade(x)


class Upsample(nn.Module):
    def __init__(self, n: int) -> None:
        super().__init__()
        self.up = nn.Module()
        layers: list[nn.Module] = []
        for _ in range(2):
            layers.append(nn.Conv2d(n, 4 * n, 3, padding=1, groups=GROUPS))
            layers += [nn.ReLU(inplace=True), nn.PixelShuffle(2)]
        self.up.body = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        return self.up.body(x)


class CARN(Cascade):
    """CARN-M's features, with normalisation in its fusions; with `upsampler` a baseline's image."""

    def __init__(self, n: int, upsampler: bool = False) -> None:
        super().__init__(n, ("b1", "b2", "b3"))
        self.entry = nn.Conv2d(3, n, 3, padding=1)
        self.b1, self.b2, self.b3 = Block(n), Block(n), Block(n)
        self.upsampler = upsampler
        if upsampler:
            self.register_buffer("mean", torch.tensor(MEAN).reshape(3, 1, 1), persistent=False)
            self.upsample = Upsample(n)
            self.exit = nn.Conv2d(n, 3, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        if not self.upsampler:
            return self.cascade(self.entry(x))
        return self.exit(self.upsample(self.cascade(self.entry(x - self.mean)))) + self.mean


class FSRCNN(nn.Module):
    """FSRCNN's features; with `upsampler` the whole of it, the baseline of the paper."""

    def __init__(self, n: int, upsampler: bool = False, middle: int = 12) -> None:
        super().__init__()
        self.head_conv = nn.Sequential(nn.Conv2d(3, n, 5, padding=2), nn.PReLU())
        self.body_conv = nn.Sequential(
            nn.Sequential(nn.Conv2d(n, middle, 1), nn.PReLU()),
            *(nn.Conv2d(middle, middle, 3, padding=1) for _ in range(4)),
            nn.PReLU(),
            nn.Sequential(nn.Conv2d(middle, n, 1), nn.PReLU()),
        )
        if upsampler:
            self.tail_conv = nn.ConvTranspose2d(n, 3, 9, stride=4, padding=3, output_padding=1)
        self.upsampler = upsampler

    def forward(self, x: Tensor) -> Tensor:
        x = self.body_conv(self.head_conv(x))
        return self.tail_conv(x) if self.upsampler else x


class Sampler(nn.Module):
    """A multi-layer perceptron from the query of a pixel, `(P, channels)`, to `out` values."""

    def __init__(self, channels: int, hidden: list[int], out: int) -> None:
        super().__init__()
        sizes = [channels, *hidden, out]
        layers: list[nn.Module] = []
        for a, b in pairwise(sizes):
            layers += [nn.Linear(a, b), nn.ReLU(inplace=True)]
        self.imnet = nn.Module()
        self.imnet.layers = nn.Sequential(*layers[:-1])

    def forward(self, queries: Tensor) -> Tensor:
        return self.imnet.layers(queries)


class PCSR(nn.Module):
    def __init__(
        self, encoder: nn.Module, n: int, heavy: int, light: int, choice: list[int], *,
        mean: tuple[float, ...], pixels: str, scale: int,
    ) -> None:  # fmt: skip
        super().__init__()
        self.scale, self.pixels = scale, pixels
        self.encoder = encoder
        self.heavy_sampler = Sampler(n + 4, [heavy] * 4, 3)
        self.light_sampler = Sampler(n + 4, [light] * 3, 3)
        self.classifier = Sampler(n + 4, choice, 2)
        self.register_buffer("mean", torch.tensor(mean).reshape(3, 1, 1), persistent=False)

    def queries(self, features: Tensor) -> Tensor:
        """(N, H * scale, W * scale, C + 4): feature, offset (y, x), size of a pixel (y, x)."""
        s = self.scale
        n, _, height, width = features.shape
        nearest = features.repeat_interleave(s, dim=2).repeat_interleave(s, dim=3)
        offset = 2 * ((torch.arange(s, device=features.device) + 0.5) / s - 0.5)
        y = offset.repeat(height)[:, None].expand(height * s, width * s)
        x = offset.repeat(width)[None].expand(height * s, width * s)
        cell = torch.full_like(y, 2 / s)
        where = torch.stack([y, x, cell, cell]).to(features.dtype)
        return torch.cat([nearest, where.expand(n, -1, -1, -1)], dim=1).permute(0, 2, 3, 1)

    def hard(self, queries: Tensor) -> Tensor:
        """(N, H * scale, W * scale): where the heavy network is needed."""
        if self.pixels in ("hard", "easy"):
            return torch.full_like(queries[..., 0], float(self.pixels == "hard")) > 0
        scores = self.classifier(queries)
        if self.pixels != "chosen":
            return torch.full_like(scores[..., 0], float(self.pixels == "hardest")) > 0
        return scores[..., 1] > scores[..., 0]

    def forward(self, x: Tensor) -> Tensor:
        x = x - self.mean
        queries = self.queries(self.encoder(x))
        hard = self.hard(queries)
        sr = queries.new_empty((*queries.shape[:3], 3))
        sr[hard] = self.heavy_sampler(queries[hard])
        sr[~hard] = self.light_sampler(queries[~hard])
        base = F.interpolate(x, scale_factor=self.scale, mode="bilinear", align_corners=False)
        return self.refined(sr.permute(0, 3, 1, 2) + base, hard[:, None]) + self.mean

    @staticmethod
    def refined(sr: Tensor, hard: Tensor) -> Tensor:
        """`sr` with the light pixels that touch a heavy one replaced by the mean around them."""
        near = F.max_pool2d(hard.to(sr.dtype), 3, stride=1, padding=1) > 0
        seam = near & ~hard
        inside = torch.zeros_like(seam)
        inside[..., 1:-1, 1:-1] = True
        mean = F.avg_pool2d(F.pad(sr, (1, 1, 1, 1), mode="replicate"), 3, stride=1)
        return torch.where(seam & inside, mean, sr)


def build(backbone: str = "carn", pixels: str = "chosen", scale: int = 4) -> nn.Module:
    """`pixels`: `chosen` by the classifier, all `hard`, all `easy`, or the `baseline` without.

    `hardest` and `easiest` ask the classifier and take its answer to be one and the same: what any
    image can cost.
    """
    if pixels == "baseline":
        return CARN(64, upsampler=True) if backbone == "carn" else FSRCNN(56, upsampler=True)
    if backbone == "carn":
        return PCSR(CARN(52), 52, 74, 20, [10, 10], mean=MEAN, pixels=pixels, scale=scale)
    return PCSR(FSRCNN(48), 48, 58, 10, [], mean=(0.0, 0.0, 0.0), pixels=pixels, scale=scale)
