"""The supernets of ARM, any-time super-resolution (arXiv 2203.10812), at each of their widths.

CARN-M and FSRCNN whose narrower forms are slices of one set of weights, x4, range [0, 1]. The
authors' router sends patches of an image to the widths by how much edges pay, read from a table
made on DIV2K's validation images; it is not part of the weights, so each width stands for itself.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

MEAN = (0.4488, 0.4371, 0.4040)
FULL = {"carn": 64, "fsrcnn": 56}
GROUPS = 4


class MeanShift(nn.Conv2d):
    """Adds `sign` times the mean colour of DIV2K; fixed."""

    def __init__(self, sign: int) -> None:
        super().__init__(3, 3, 1)
        self.weight.data.copy_(torch.eye(3).reshape(3, 3, 1, 1))
        self.bias.data.copy_(sign * torch.tensor(MEAN))
        self.requires_grad_(False)


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
    return nn.Sequential(nn.Conv2d(inputs * n, n, 1), nn.ReLU(inplace=True))


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
    def __init__(self, n: int) -> None:
        super().__init__(n, ("b1", "b2", "b3"))
        self.sub_mean, self.add_mean = MeanShift(-1), MeanShift(1)
        self.entry = nn.Conv2d(3, n, 3, padding=1)
        self.b1, self.b2, self.b3 = Block(n), Block(n), Block(n)
        self.upsample = Upsample(n)
        self.exit = nn.Conv2d(n, 3, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.cascade(self.entry(self.sub_mean(x)))
        return self.add_mean(self.exit(self.upsample(x)))


class FSRCNN(nn.Module):
    """Narrow ends; the twelve channels in the middle stay."""

    def __init__(self, n: int, middle: int = 12) -> None:
        super().__init__()
        self.head_conv = nn.Sequential(nn.Conv2d(3, n, 5, padding=2), nn.PReLU())
        self.body_conv = nn.Sequential(
            nn.Sequential(nn.Conv2d(n, middle, 1), nn.PReLU()),
            *(nn.Conv2d(middle, middle, 3, padding=1) for _ in range(4)),
            nn.PReLU(),
            nn.Sequential(nn.Conv2d(middle, n, 1), nn.PReLU()),
        )
        self.tail_conv = nn.ConvTranspose2d(n, 3, 9, stride=4, padding=3, output_padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return self.tail_conv(self.body_conv(self.head_conv(x)))


def network(backbone: str, width: int) -> nn.Module:
    return CARN(width) if backbone == "carn" else FSRCNN(width)


def convert_state_dict(
    state: dict[str, Tensor], backbone: str = "carn", width: int = 64
) -> dict[str, Tensor]:
    """The slice of the supernet's weights that the network of `width` has.

    Each tensor's first entries along every axis: a convolution in groups is cut first and then
    divided into groups anew, and a fusion takes the first columns of its concatenated inputs.
    """
    with torch.device("meta"):
        wanted, full = (network(backbone, n).state_dict() for n in (width, FULL[backbone]))
    if {n: v.shape for n, v in state.items()} != {n: v.shape for n, v in full.items()}:
        return state
    return {n: v[tuple(map(slice, wanted[n].shape))].clone() for n, v in state.items()}


def build(backbone: str = "carn", width: int = 64) -> nn.Module:
    return network(backbone, width)
