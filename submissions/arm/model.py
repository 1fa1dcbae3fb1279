"""The supernets of ARM, any-time super-resolution (arXiv 2203.10812), at each of their widths.

CARN-M and FSRCNN whose narrower forms are slices of one set of weights, x4, range [0, 1]. The
authors' router sends patches of an image to the widths by how much edges pay, read from a table
made on DIV2K's validation images (routing.py, tables.py); each width stands for itself too.
"""

import torch
from routing import Routed
from tables import PSNR
from torch import Tensor, nn
from torch.nn import functional as F

MEAN = (0.4488, 0.4371, 0.4040)
FULL = {"carn": 64, "fsrcnn": 56}
GROUPS = 4


class Conv(nn.Conv2d):
    """Of `cut` of its weights, so that one network is several widths."""

    cut: tuple[slice, ...] = ()

    def forward(self, x: Tensor) -> Tensor:
        bias = self.bias[self.cut[:1]] if self.cut else self.bias
        weight = self.weight[self.cut] if self.cut else self.weight
        return F.conv2d(x, weight, bias, padding=self.padding, groups=self.groups)


class Deconv(nn.ConvTranspose2d):
    """As `Conv`; what comes out has all its channels."""

    cut: tuple[slice, ...] = ()

    def forward(self, x: Tensor) -> Tensor:
        weight = self.weight[self.cut] if self.cut else self.weight
        return F.conv_transpose2d(
            x, weight, self.bias, self.stride, self.padding, self.output_padding
        )


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
            Conv(n, n, 3, padding=1, groups=GROUPS),
            nn.ReLU(inplace=True),
            Conv(n, n, 3, padding=1, groups=GROUPS),
            nn.ReLU(inplace=True),
            Conv(n, n, 1),
        )

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.body(x) + x)


def fusion(inputs: int, n: int) -> nn.Sequential:
    return nn.Sequential(Conv(inputs * n, n, 1), nn.ReLU(inplace=True))


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
            layers.append(Conv(n, 4 * n, 3, padding=1, groups=GROUPS))
            layers += [nn.ReLU(inplace=True), nn.PixelShuffle(2)]
        self.up.body = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        return self.up.body(x)


class CARN(Cascade):
    def __init__(self, n: int) -> None:
        super().__init__(n, ("b1", "b2", "b3"))
        self.sub_mean, self.add_mean = MeanShift(-1), MeanShift(1)
        self.entry = Conv(3, n, 3, padding=1)
        self.b1, self.b2, self.b3 = Block(n), Block(n), Block(n)
        self.upsample = Upsample(n)
        self.exit = Conv(n, 3, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.cascade(self.entry(self.sub_mean(x)))
        return self.add_mean(self.exit(self.upsample(x)))


class FSRCNN(nn.Module):
    """Narrow ends; the twelve channels in the middle stay."""

    def __init__(self, n: int, middle: int = 12) -> None:
        super().__init__()
        self.head_conv = nn.Sequential(Conv(3, n, 5, padding=2), nn.PReLU())
        self.body_conv = nn.Sequential(
            nn.Sequential(Conv(n, middle, 1), nn.PReLU()),
            *(Conv(middle, middle, 3, padding=1) for _ in range(4)),
            nn.PReLU(),
            nn.Sequential(Conv(middle, n, 1), nn.PReLU()),
        )
        self.tail_conv = Deconv(n, 3, 9, stride=4, padding=3, output_padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return self.tail_conv(self.body_conv(self.head_conv(x)))


def network(backbone: str, width: int) -> nn.Module:
    return CARN(width) if backbone == "carn" else FSRCNN(width)


def sliced(backbone: str, width: int) -> dict[str, tuple[slice, ...]]:
    """What of each tensor of the full network that of `width` has: the first entries along every
    axis.

    A convolution in groups is cut first and then divided into groups anew, and a fusion takes the
    first columns of its concatenated inputs.
    """
    with torch.device("meta"):
        shapes = {
            name: value.shape for name, value in network(backbone, width).state_dict().items()
        }
    return {name: tuple(map(slice, shape)) for name, shape in shapes.items()}


def convert_state_dict(
    state: dict[str, Tensor],
    backbone: str = "carn",
    width: int = 64,
    factor: float | None = None,
    branches: str = "chosen",
) -> dict[str, Tensor]:
    """The slice of the supernet's weights that the network of `width` has; routed, all of them."""
    with torch.device("meta"):
        full = network(backbone, FULL[backbone]).state_dict()
    if {n: v.shape for n, v in state.items()} != {n: v.shape for n, v in full.items()}:
        return state
    if factor is not None:
        return {f"net.{name}": value for name, value in state.items()}
    return {name: state[name][cut].clone() for name, cut in sliced(backbone, width).items()}


def build(
    backbone: str = "carn",
    width: int = 64,
    factor: float | None = None,
    branches: str = "chosen",
) -> nn.Module:
    """The network of one `width`, or with a `factor` all of them, routed (see routing.py)."""
    if factor is None:
        return network(backbone, width)
    slices = {n: sliced(backbone, n) for n in PSNR[backbone] if n}
    return Routed(network(backbone, FULL[backbone]), slices, backbone, factor, branches)
