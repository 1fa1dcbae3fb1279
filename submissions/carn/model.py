"""CARN and CARN-M, the Cascading Residual Network (arXiv 1803.08664). Range [0, 1]."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

MEAN = (0.4488, 0.4371, 0.4040)  # RGB mean of DIV2K


class MeanShift(nn.Module):
    """Adds a constant; official checkpoints hold it as a frozen 1x1 convolution."""

    def __init__(self, shift: Sequence[float]) -> None:
        super().__init__()
        self.shifter = nn.Conv2d(3, 3, 1).requires_grad_(False)
        self.shifter.weight.data = torch.eye(3)[..., None, None]
        self.shifter.bias.data = torch.tensor(shift)

    def forward(self, x: Tensor) -> Tensor:
        return self.shifter(x)


class Body(nn.Module):
    """Layers in a row under the name `body`; with a `skip`, added to the input before a ReLU."""

    def __init__(self, *layers: nn.Module, skip: bool = False) -> None:
        super().__init__()
        self.body = nn.Sequential(*layers)
        self.skip = skip

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.body(x) + x) if self.skip else self.body(x)


def residual(channels: int) -> Body:
    return Body(
        nn.Conv2d(channels, channels, 3, padding=1),
        nn.ReLU(inplace=True),
        nn.Conv2d(channels, channels, 3, padding=1),
        skip=True,
    )


def efficient_residual(channels: int) -> Body:
    return Body(
        nn.Conv2d(channels, channels, 3, padding=1, groups=4),
        nn.ReLU(inplace=True),
        nn.Conv2d(channels, channels, 3, padding=1, groups=4),
        nn.ReLU(inplace=True),
        nn.Conv2d(channels, channels, 1),
        skip=True,
    )


def fusion(inputs: int, channels: int) -> Body:
    return Body(nn.Conv2d(inputs * channels, channels, 1), nn.ReLU(inplace=True))


class Cascade(nn.Module):
    """Three units; each output is fused with all before it."""

    def __init__(self, channels: int, units: Sequence[nn.Module]) -> None:
        super().__init__()
        # CARN-M applies one unit three times.
        self.units = [f"b{i + 1}" for i in range(len(units))] * (3 // len(units))
        for name, unit in zip(self.units, units, strict=False):
            self.add_module(name, unit)
        self.c1 = fusion(2, channels)
        self.c2 = fusion(3, channels)
        self.c3 = fusion(4, channels)

    def forward(self, x: Tensor) -> Tensor:
        seen = x
        for name, fuse in zip(self.units, (self.c1, self.c2, self.c3), strict=True):
            seen = torch.cat([seen, getattr(self, name)(x)], dim=1)
            x = fuse(seen)
        return x


class Upsample(nn.Module):
    """The ReLU comes before the pixel shuffle."""

    def __init__(self, channels: int, scale: int, groups: int) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for step in [2, 2] if scale == 4 else [scale]:
            layers.append(nn.Conv2d(channels, channels * step**2, 3, padding=1, groups=groups))
            layers += [nn.ReLU(inplace=True), nn.PixelShuffle(step)]
        self.up = Body(*layers)

    def forward(self, x: Tensor) -> Tensor:
        return self.up(x)


class CARN(Cascade):
    """A cascade of cascades; there is no skip over the whole."""

    def __init__(self, channels: int, mobile: bool, scale: int) -> None:
        def block() -> Cascade:
            units = 1 if mobile else 3
            unit = efficient_residual if mobile else residual
            return Cascade(channels, [unit(channels) for _ in range(units)])

        super().__init__(channels, [block() for _ in range(3)])
        self.sub_mean = MeanShift([-m for m in MEAN])
        self.add_mean = MeanShift(MEAN)
        self.entry = nn.Conv2d(3, channels, 3, padding=1)
        self.upsample = Upsample(channels, scale, groups=4 if mobile else 1)
        self.exit = nn.Conv2d(channels, 3, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        x = super().forward(self.entry(self.sub_mean(x)))
        return self.add_mean(self.exit(self.upsample(x)))


def build(channels: int = 64, mobile: bool = False, scale: int = 4) -> nn.Module:
    return CARN(channels, mobile, scale)


def convert_state_dict(state: dict[str, Tensor], scale: int = 4) -> dict[str, Tensor]:
    """Of a multi-scale checkpoint (`upsample.up2`, `up3`, `up4`), the upsampler for `scale`."""
    own, single = f"upsample.up{scale}.", "upsample.up."
    shared = {k: v for k, v in state.items() if not k.startswith("upsample.up")}
    chosen = {k.replace(own, single): v for k, v in state.items() if k.startswith((own, single))}
    return shared | chosen
