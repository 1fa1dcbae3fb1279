"""ECBSR, edge-oriented convolution blocks (ACM MM 2021), deployed: a plain chain of 3x3 layers.

With `colours=1` the network is the authors': it sees Y alone, in levels [16, 235]. Cb and Cr are
scaled by bicubic interpolation, so that RGB goes in and comes out. With `colours=3` it is the RGB
form that was trained for ETDS, in [0, 1].
"""

from collections.abc import Callable
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

Y = (65.481 / 255, 128.553 / 255, 24.966 / 255)  # ITU-R BT.601, studio range, RGB in [0, 255]


def deployed(in_channels: int, out_channels: int, act: bool) -> nn.Module:
    conv = nn.Conv2d(in_channels, out_channels, 3, padding=1)
    return nn.Sequential(conv, nn.PReLU(out_channels)) if act else nn.Sequential(conv)


class ECBSR(nn.Module):
    def __init__(
        self,
        blocks: int,
        channels: int,
        colours: int,
        scale: int,
        layer: Callable[[int, int, bool], nn.Module] = deployed,
    ) -> None:
        super().__init__()
        self.scale = scale
        widths = [colours, *[channels] * (blocks + 1)]
        layers = [layer(i, o, True) for i, o in pairwise(widths)]
        self.backbone = nn.Sequential(*layers, layer(channels, colours * scale**2, False))

    def forward(self, x: Tensor) -> Tensor:
        # Each channel scale**2 times over: after the shuffle, the nearest-neighbour image.
        shortcut = x.repeat_interleave(self.scale**2, dim=1)
        return F.pixel_shuffle(self.backbone(x) + shortcut, self.scale)


class OnLuma(ECBSR):
    """RGB in [0, 255] in and out; Y is the network's, Cb and Cr are those of the bicubic image."""

    def forward(self, x: Tensor) -> Tensor:
        bicubic = F.interpolate(x, scale_factor=self.scale, mode="bicubic", align_corners=False)
        # The same amount added to R, G and B moves Y by 219/255 of it, and neither Cb nor Cr.
        return bicubic + (super().forward(luma(x)) - luma(bicubic)) * (255 / 219)


def luma(rgb: Tensor) -> Tensor:
    """Y of RGB (N, 3, H, W), not rounded. No convolution: it is not the network's to count."""
    red, green, blue = rgb.split(1, dim=1)
    return 16 + Y[0] * red + Y[1] * green + Y[2] * blue


def build(blocks: int = 4, channels: int = 16, colours: int = 3, scale: int = 4) -> nn.Module:
    return (OnLuma if colours == 1 else ECBSR)(blocks, channels, colours, scale)


def convert_state_dict(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """A checkpoint of the training form, or of the authors' PlainSR, as a deployed one."""
    converted = {}
    for block in {key.split(".conv3x3.")[0] for key in state if ".conv3x3." in key}:
        part = {
            k.removeprefix(f"{block}."): v for k, v in state.items() if k.startswith(f"{block}.")
        }
        converted[f"{block}.0.weight"], converted[f"{block}.0.bias"] = fuse(part)
        if "act.weight" in part:
            converted[f"{block}.1.weight"] = part["act.weight"]
    return converted or state


def fuse(ecb: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
    """Weight and bias of the 3x3 convolution that one trained ECB amounts to.

    Exact at the borders, as each branch pads what leaves its 1x1 convolution with that layer's
    bias, which is what the 1x1 would make of a zero border.
    """
    ecb = {key: value.double() for key, value in ecb.items()}
    weight, bias = ecb["conv3x3.weight"], ecb["conv3x3.bias"]
    for name in sorted({key.split(".")[0] for key in ecb if key.endswith(".k0")}):
        k0, b0 = ecb[f"{name}.k0"][..., 0, 0], ecb[f"{name}.b0"]
        if f"{name}.mask" in ecb:  # a fixed filter in each channel: (out, 1, 3, 3)
            each = ecb[f"{name}.scale"] * ecb[f"{name}.mask"]
            k1, b1 = torch.eye(len(each)).double()[..., None, None] * each, ecb[f"{name}.bias"]
        else:
            k1, b1 = ecb[f"{name}.k1"], ecb[f"{name}.b1"]
        weight = weight + torch.einsum("omyx,mi->oiyx", k1, k0)
        bias = bias + k1.sum(dim=(2, 3)) @ b0 + b1
    return weight.float(), bias.float()
