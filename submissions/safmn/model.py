"""SAFMN, spatially-adaptive feature modulation (arXiv 2302.13800), and its NTIRE 2023 form.

Range [0, 1].
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F


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


class GRN(nn.Module):
    """Global response normalisation: each channel against the mean of all, over the image."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.zeros(1, channels, 1, 1))
        self.beta = nn.Parameter(torch.zeros(1, channels, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        energy = torch.linalg.vector_norm(x, dim=(2, 3), keepdim=True)
        energy = energy / (energy.mean(dim=1, keepdim=True) + 1e-6)
        return self.gamma * (x * energy) + self.beta + x


class SAFM(nn.Module):
    """A quarter of the channels at each of four sizes, and their sum weighs the features.

    `coarser` is by how many halvings the levels after the first are smaller still (0, NTIRE: 1).
    """

    def __init__(self, channels: int, coarser: int, bias: bool) -> None:
        super().__init__()
        self.coarser = coarser
        part = channels // 4
        self.mfr = nn.ModuleList(
            nn.Conv2d(part, part, 3, padding=1, groups=part, bias=bias) for _ in range(4)
        )
        self.aggr = nn.Conv2d(channels, channels, 1, bias=bias)

    def forward(self, x: Tensor) -> Tensor:
        h, w = x.shape[2:]
        levels = []
        for i, (conv, part) in enumerate(zip(self.mfr, x.chunk(4, dim=1), strict=True)):
            if i == 0:
                levels.append(conv(part))
                continue
            halvings = i + self.coarser
            small = F.adaptive_max_pool2d(part, (h // 2**halvings, w // 2**halvings))
            levels.append(F.interpolate(conv(small), size=(h, w), mode="nearest"))
        return F.gelu(self.aggr(torch.cat(levels, dim=1))) * x


class CCM(nn.Module):
    """Convolutional channel mixer."""

    def __init__(self, channels: int, bias: bool) -> None:
        super().__init__()
        self.ccm = nn.Sequential(
            nn.Conv2d(channels, 2 * channels, 3, padding=1, bias=bias),
            nn.GELU(),
            nn.Conv2d(2 * channels, channels, 1, bias=bias),
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.ccm(x)


class AttBlock(nn.Module):
    def __init__(self, channels: int, ntire: bool) -> None:
        super().__init__()
        self.norm1 = nn.Identity() if ntire else LayerNorm(channels)
        self.norm2 = nn.Identity() if ntire else LayerNorm(channels)
        self.safm = SAFM(channels, coarser=int(ntire), bias=not ntire)
        self.ccm = CCM(channels, bias=not ntire)

    def forward(self, x: Tensor) -> Tensor:
        x = self.safm(self.norm1(x)) + x
        return self.ccm(self.norm2(x)) + x


class SAFMN(nn.Module):
    """The NTIRE form has one GRN for all norms, and adds the upscaled image, not the features."""

    def __init__(self, channels: int, blocks: int, ntire: bool, scale: int) -> None:
        super().__init__()
        self.ntire = ntire
        self.scale = scale
        self.to_feat = nn.Conv2d(3, channels, 3, padding=1)
        if ntire:
            self.norm = GRN(channels)
        self.feats = nn.Sequential(*(AttBlock(channels, ntire) for _ in range(blocks)))
        self.to_img = nn.Sequential(
            nn.Conv2d(channels, 3 * scale**2, 3, padding=1), nn.PixelShuffle(scale)
        )

    def forward(self, x: Tensor) -> Tensor:
        feature = self.to_feat(x)
        if not self.ntire:
            return self.to_img(self.feats(feature) + feature)
        size = (x.shape[2] * self.scale, x.shape[3] * self.scale)
        base = F.interpolate(x, size=size, mode="bilinear", align_corners=False)
        return self.to_img(self.feats(self.norm(feature))) + base


def build(channels: int = 36, blocks: int = 8, ntire: bool = False, scale: int = 4) -> nn.Module:
    return SAFMN(channels, blocks, ntire, scale)
