"""ECBSR, edge-oriented convolution blocks (ACM MM 2021), deployed: a plain chain of 3x3 layers.

Range [0, 1]. The official network works on Y alone; this is the RGB form trained for ETDS.
"""

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class ECBSR(nn.Module):
    def __init__(self, blocks: int, channels: int, scale: int) -> None:
        super().__init__()
        self.scale = scale
        widths = [3, *[channels] * (blocks + 1)]
        layers = [self._layer(i, o) for i, o in pairwise(widths)]
        last = nn.Sequential(nn.Conv2d(channels, 3 * scale**2, 3, padding=1))
        self.backbone = nn.Sequential(*layers, last)

    @staticmethod
    def _layer(in_channels: int, out_channels: int) -> nn.Sequential:
        conv = nn.Conv2d(in_channels, out_channels, 3, padding=1)
        return nn.Sequential(conv, nn.PReLU(out_channels))

    def forward(self, x: Tensor) -> Tensor:
        # Each channel scale**2 times over: after the shuffle, the nearest-neighbour image.
        shortcut = x.repeat_interleave(self.scale**2, dim=1)
        return F.pixel_shuffle(self.backbone(x) + shortcut, self.scale)


def build(blocks: int = 4, channels: int = 16, scale: int = 4) -> nn.Module:
    return ECBSR(blocks, channels, scale)


def convert_state_dict(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """A checkpoint of either form as one of the deployed form."""
    if not any(".conv3x3." in key for key in state):
        return state
    blocks = sorted({key.split(".conv")[0] for key in state if ".conv3x3." in key})
    deployed = {}
    for block in blocks:
        part = {k[len(block) + 1 :]: v for k, v in state.items() if k.startswith(f"{block}.")}
        deployed[f"{block}.0.weight"], deployed[f"{block}.0.bias"] = fuse(part)
        if "act.weight" in part:
            deployed[f"{block}.1.weight"] = part["act.weight"]
    return deployed


def fuse(ecb: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
    """Weight and bias of the 3x3 convolution that one trained ECB amounts to.

    Exact at the borders, as each branch pads what leaves its 1x1 convolution with that layer's
    bias, which is what the 1x1 would make of a zero border.
    """
    ecb = {key: value.double() for key, value in ecb.items()}
    weight, bias = ecb["conv3x3.weight"], ecb["conv3x3.bias"]
    branches = {"conv1x1_3x3": (ecb["conv1x1_3x3.k1"], ecb["conv1x1_3x3.b1"])}
    for edge in ("conv1x1_sbx", "conv1x1_sby", "conv1x1_lpl"):
        kernels = ecb[f"{edge}.scale"] * ecb[f"{edge}.mask"]  # (out, 1, 3, 3), depthwise
        branches[edge] = (torch.diag_embed(kernels.squeeze(1).permute(1, 2, 0)).permute(2, 3, 0, 1),
                          ecb[f"{edge}.bias"])  # fmt: skip
    for name, (k1, b1) in branches.items():
        k0, b0 = ecb[f"{name}.k0"][..., 0, 0], ecb[f"{name}.b0"]
        weight = weight + torch.einsum("omyx,mi->oiyx", k1, k0)
        bias = bias + k1.sum(dim=(2, 3)) @ b0 + b1
    return weight.float(), bias.float()
