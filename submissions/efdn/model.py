"""EFDN, the Edge-enhanced Feature Distillation Network (arXiv 2204.08759), in its deployed form.

Range [0, 1]; the network clamps its own output.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F


def conv(in_channels: int, out_channels: int, kernel: int) -> nn.Conv2d:
    return nn.Conv2d(in_channels, out_channels, kernel, padding=kernel // 2)


class ESA(nn.Module):
    """Enhanced spatial attention, full form: three 3x3 convolutions after the pooling."""

    def __init__(self, channels: int, width: int) -> None:
        super().__init__()
        self.conv1 = conv(channels, width, 1)
        self.conv_f = conv(width, width, 1)
        self.conv2 = nn.Conv2d(width, width, 3, stride=2)
        self.conv_max = conv(width, width, 3)
        self.conv3 = conv(width, width, 3)
        self.conv3_ = conv(width, width, 3)
        self.conv4 = conv(width, channels, 1)
        self.relu = nn.ReLU(inplace=True)  # a module: the hook counter of 2022 counts no function

    def forward(self, x: Tensor) -> Tensor:
        c1 = self.conv1(x)
        pooled = F.max_pool2d(self.conv2(c1), kernel_size=7, stride=3)
        c3 = self.relu(self.conv_max(pooled))
        c3 = self.conv3_(self.relu(self.conv3(c3)))
        c3 = F.interpolate(c3, x.shape[2:], mode="bilinear", align_corners=False)
        return x * torch.sigmoid(self.conv4(c3 + self.conv_f(c1)))


class Conv1x1(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1x1 = conv(channels, channels, 1)
        self.act = nn.PReLU(channels)

    def forward(self, x: Tensor) -> Tensor:
        return self.act(self.conv1x1(x))


class EDBB(nn.Module):
    """Edge-enhanced diverse branch block: one 3x3 convolution is left of it (training_form.py)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.rep_conv = conv(channels, channels, 3)
        self.act = nn.PReLU(channels)

    def forward(self, x: Tensor) -> Tensor:
        return self.act(self.rep_conv(x))


class Cell(nn.Module):
    """Distils the input and each of three steps to half the channels, then fuses them."""

    def __init__(self, channels: int, block: Callable[[int], nn.Module]) -> None:
        super().__init__()
        self.conv1 = Conv1x1(channels)
        self.conv2 = block(channels)
        self.conv3 = block(channels)
        self.fuse = conv(2 * channels, channels, 1)
        self.att = ESA(channels, channels // 4)
        self.branch = nn.ModuleList(conv(channels, channels // 2, 1) for _ in range(4))

    def forward(self, x: Tensor) -> Tensor:
        c1 = self.conv1(x)
        c2 = self.conv2(c1)
        c3 = self.conv3(c2)
        steps = zip(self.branch, (x, c1, c2, c3), strict=True)
        return self.att(self.fuse(torch.cat([branch(y) for branch, y in steps], dim=1))) + x


class EFDN(nn.Module):
    def __init__(self, channels: int, scale: int, block: Callable[[int], nn.Module] = EDBB) -> None:
        super().__init__()
        self.head = conv(3, channels, 3)
        self.cells = nn.ModuleList(Cell(channels, block) for _ in range(4))
        self.local_fuse = nn.ModuleList(conv(2 * channels, channels, 1) for _ in range(3))
        self.tail = nn.Sequential(conv(channels, 3 * scale**2, 3), nn.PixelShuffle(scale))

    def forward(self, x: Tensor) -> Tensor:
        head = self.head(x)
        o1 = self.cells[0](head)
        o2 = self.cells[1](o1)
        f2 = self.local_fuse[0](torch.cat([o1, o2], dim=1))
        o3 = self.cells[2](f2)
        f3 = self.local_fuse[1](torch.cat([o2, o3], dim=1))
        o4 = self.cells[3](f3)
        f4 = self.local_fuse[2](torch.cat([o2, o4], dim=1))  # o2 again, not o3
        return self.tail(f4 + head).clamp(0, 1)


def build(channels: int = 48, scale: int = 4) -> nn.Module:
    return EFDN(channels, scale)


def convert_state_dict(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """A checkpoint of either form as one of the deployed form."""
    blocks = {key.removesuffix(".conv1x1_sbx.k0") for key in state if key.endswith("_sbx.k0")}
    deployed = {k: v for k, v in state.items() if not k.startswith(tuple(f"{b}." for b in blocks))}
    for block in blocks:
        part = {
            k.removeprefix(f"{block}."): v for k, v in state.items() if k.startswith(f"{block}.")
        }
        weight, bias = fuse(part)
        deployed[f"{block}.rep_conv.weight"], deployed[f"{block}.rep_conv.bias"] = weight, bias
        deployed[f"{block}.act.weight"] = part["act.weight"]
    return deployed


def fuse(
    edbb: dict[str, Tensor], expand: bool = False, identity: bool = False
) -> tuple[Tensor, Tensor]:
    """Weight and bias of the 3x3 convolution that one trained EDBB amounts to.

    The checkpoint does not tell whether the 1x1-3x3 branch in it and an identity were added: say so
    (the authors' code does neither unless told). Exact at the borders, as each branch pads what
    leaves its 1x1 convolution with that layer's bias.
    """
    edbb = {key: value.double() for key, value in edbb.items()}
    weight = edbb["rep_conv.weight"].clone()
    weight[:, :, 1, 1] += edbb["conv1x1.weight"][..., 0, 0]
    bias = edbb["rep_conv.bias"] + edbb["conv1x1.bias"]
    for name in ("conv1x1_sbx", "conv1x1_sby", "conv1x1_lpl"):
        each = edbb[f"{name}.scale"] * edbb[f"{name}.mask"]  # (out, 1, 3, 3), depthwise
        k0, b0 = edbb[f"{name}.k0"][..., 0, 0], edbb[f"{name}.b0"]
        weight += each * k0[..., None, None]
        bias += each.sum(dim=(1, 2, 3)) * b0 + edbb[f"{name}.bias"]
    if expand:
        k1, k0 = edbb["conv1x1_3x3.k1"], edbb["conv1x1_3x3.k0"][..., 0, 0]
        weight += torch.einsum("omyx,mi->oiyx", k1, k0)
        bias += k1.sum(dim=(2, 3)) @ edbb["conv1x1_3x3.b0"] + edbb["conv1x1_3x3.b1"]
    if identity:
        weight[:, :, 1, 1] += torch.eye(len(weight)).double()
    return weight.float(), bias.float()
