"""AWSRN, adaptive weighted super-resolution network (arXiv 1904.02358): AWSRN, -M, -S and -SD.

Range [0, 255]. Residuals and inputs are weighed by learned scalars, and four kernels of different
sizes make the image. Convolutions are weight-normalised in training; the deployed form has plain
ones, and a checkpoint of either form is taken.
"""

import torch
from torch import Tensor, nn

MEAN = (0.4488, 0.4371, 0.4040)
KERNELS = (3, 5, 7, 9)
SIZES = {"awsrn": (32, 4, 4), "m": (32, 3, 4), "s": (32, 1, 4), "sd": (16, 1, 8)}
"""Channels, blocks, units in a block."""


class Scale(nn.Module):
    def __init__(self, value: float = 1.0) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.full((1,), value))

    def forward(self, x: Tensor) -> Tensor:
        return x * self.scale


class AWRU(nn.Module):
    """Adaptive weighted residual unit: wide, narrow."""

    def __init__(self, n: int, wide: int) -> None:
        super().__init__()
        self.res_scale, self.x_scale = Scale(), Scale()
        self.body = nn.Sequential(
            nn.Conv2d(n, wide, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(wide, n, 3, padding=1),
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.res_scale(self.body(x)) + self.x_scale(x)


class LFB(nn.Module):
    """Local fusion block: units in a row, all of their outputs fused."""

    def __init__(self, n: int, wide: int, units: int) -> None:
        super().__init__()
        self.units = [f"b{i}" for i in range(units)]
        for name in self.units:
            self.add_module(name, AWRU(n, wide))
        self.reduction = nn.Conv2d(n * units, n, 3, padding=1)
        self.res_scale, self.x_scale = Scale(), Scale()

    def forward(self, x: Tensor) -> Tensor:
        y, outputs = x, []
        for name in self.units:
            y = self.get_submodule(name)(y)
            outputs.append(y)
        return self.res_scale(self.reduction(torch.cat(outputs, dim=1))) + self.x_scale(x)


class AWMS(nn.Module):
    """Adaptive weighted multi-scale: the image from kernels of four sizes."""

    def __init__(self, n: int, scale: int) -> None:
        super().__init__()
        for k in KERNELS:
            self.add_module(f"tail_k{k}", nn.Conv2d(n, 3 * scale**2, k, padding=k // 2))
            self.add_module(f"scale_k{k}", Scale(1 / len(KERNELS)))
        self.pixelshuffle = nn.PixelShuffle(scale)

    def forward(self, x: Tensor) -> Tensor:
        parts = []
        for k in KERNELS:
            tail, weighed = (self.get_submodule(f"{kind}_k{k}") for kind in ("tail", "scale"))
            parts.append(self.pixelshuffle(weighed(tail(x))))
        return parts[0] + parts[1] + parts[2] + parts[3]


class AWSRN(nn.Module):
    def __init__(self, n: int, blocks: int, units: int, scale: int, wide: int = 128) -> None:
        super().__init__()
        mean = 255 * torch.tensor(MEAN).reshape(3, 1, 1)
        self.register_buffer("mean", mean, persistent=False)
        self.head = nn.Sequential(nn.Conv2d(3, n, 3, padding=1))
        self.body = nn.Sequential(*(LFB(n, wide, units) for _ in range(blocks)))
        self.tail = AWMS(n, scale)
        self.skip = nn.Sequential(nn.Conv2d(3, 3 * scale**2, 3, padding=1), nn.PixelShuffle(scale))

    def forward(self, x: Tensor) -> Tensor:
        x = (x - self.mean) / 127.5
        return (self.tail(self.body(self.head(x))) + self.skip(x)) * 127.5 + self.mean


def convert_state_dict(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Weight normalisation undone, and the units of the unified version under one name."""
    plain = {}
    for name, value in state.items():
        if name.endswith("weight_g"):
            continue
        if name.endswith("weight_v") and name.removesuffix("_v") + "_g" in state:
            length = value.flatten(1).norm(dim=1).reshape(-1, 1, 1, 1)
            value = value * (state[name.removesuffix("_v") + "_g"] / length)
            name = name.removesuffix("_v")
        plain[name.replace(".lfl.", ".b")] = value
    return plain


def build(form: str = "awsrn", scale: int = 4) -> nn.Module:
    n, blocks, units = {"awsrn": (32, 4, 4), "m": (32, 3, 4), "s": (32, 1, 4), "sd": (16, 1, 8)}[
        form
    ]
    return AWSRN(n, blocks, units, scale)
