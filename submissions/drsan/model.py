"""DRSAN, dynamic residual self-attention network (arXiv 2112.04488). Range [0, 1].

How much each unit takes of all before it is asked anew for every image. The authors' code is in
TensorFlow and its weights are not to be had: the names of the layers are this project's.
"""

import torch
from torch import Tensor, nn


class Unit(nn.Module):
    """Two convolutions, each behind a PReLU that begins as a ReLU."""

    def __init__(self, n: int) -> None:
        super().__init__()
        self.act1, self.act2 = nn.PReLU(n, init=0.0), nn.PReLU(n, init=0.0)
        self.conv1 = nn.Conv2d(n, n, 3, padding=1)
        self.conv2 = nn.Conv2d(n, n, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv2(self.act2(self.conv1(self.act1(x))))


class DynamicResidual(nn.Module):
    """(N, links): a number for each pair of features, from the image's first features."""

    def __init__(self, n: int, links: int, few: int = 16) -> None:
        super().__init__()
        self.reduce = nn.Conv2d(n, few, 1)
        self.act = nn.PReLU(few, init=0.0)
        self.expand = nn.Conv2d(few, links, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.expand(self.act(self.reduce(x))).mean(dim=(2, 3))


class DRAG(nn.Module):
    """Dynamic residual attention group."""

    def __init__(self, n: int, units: int) -> None:
        super().__init__()
        self.residual = DynamicResidual(n, units * (units + 1) // 2)
        self.units = nn.ModuleList(Unit(n) for _ in range(units))
        self.fuse = nn.Conv2d((units + 1) * n, n, 1)

    def forward(self, x: Tensor) -> Tensor:
        weights = iter(self.residual(x).unbind(dim=1))
        features = [x]
        for unit in self.units:
            own = unit(features[-1])
            links = [next(weights)[:, None, None, None] * feature for feature in features]
            features.append((own + torch.stack(links).sum(dim=0)) * torch.sigmoid(own))
        return self.fuse(torch.cat(features, dim=1))


class DRSAN(nn.Module):
    def __init__(self, n: int, units: int, groups: int, scale: int) -> None:
        super().__init__()
        self.head = nn.Conv2d(3, n, 3, padding=1)
        self.body = nn.Sequential(
            *(DRAG(n, units) for _ in range(groups)), nn.Conv2d(n, n, 3, padding=1)
        )
        layers: list[nn.Module] = []
        for step in [2, 2] if scale == 4 else [scale]:
            layers += [nn.Conv2d(n, n * step**2, 3, padding=1), nn.PixelShuffle(step)]
        self.upsample = nn.Sequential(*layers)
        self.tail = nn.Conv2d(n, 3, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        first = self.head(x)
        return self.tail(self.upsample(self.body(first) + first))


def build(channels: int = 32, units: int = 4, groups: int = 4, scale: int = 4) -> nn.Module:
    return DRSAN(channels, units, groups, scale)
