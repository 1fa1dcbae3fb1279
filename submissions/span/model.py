"""SPAN, the Swift Parameter-free Attention Network (arXiv 2311.12770), in its deployed form."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

MEAN = (0.4488, 0.4371, 0.4040)  # RGB mean of DIV2K


class Conv3XC(nn.Module):
    """What is left of the paper's re-parameterised convolution: one 3x3 (see training_form.py)."""

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.eval_conv = nn.Conv2d(in_channels, out_channels, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return self.eval_conv(x)


class SPAB(nn.Module):
    """Swift parameter-free attention block: the features weigh themselves."""

    def __init__(self, channels: int, conv: type[nn.Module]) -> None:
        super().__init__()
        self.c1_r = conv(channels, channels)
        self.c2_r = conv(channels, channels)
        self.c3_r = conv(channels, channels)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The block's output, and its first convolution after the activation."""
        h1 = F.silu(self.c1_r(x), inplace=True)
        h2 = F.silu(self.c2_r(h1), inplace=True)
        h3 = self.c3_r(h2)
        attention = torch.sigmoid(h3) - 0.5
        return (h3 + x) * attention, h1


class SPAN(nn.Module):
    mean: Tensor

    def __init__(self, channels: int, scale: int, conv: type[nn.Module] = Conv3XC) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor(MEAN).reshape(1, 3, 1, 1), persistent=False)
        self.conv_1 = conv(3, channels)
        self.block_1 = SPAB(channels, conv)
        self.block_2 = SPAB(channels, conv)
        self.block_3 = SPAB(channels, conv)
        self.block_4 = SPAB(channels, conv)
        self.block_5 = SPAB(channels, conv)
        self.block_6 = SPAB(channels, conv)
        self.conv_2 = conv(channels, channels)
        self.conv_cat = nn.Conv2d(4 * channels, channels, 1)
        self.upsampler = nn.Sequential(
            nn.Conv2d(channels, 3 * scale**2, 3, padding=1), nn.PixelShuffle(scale)
        )

    def forward(self, x: Tensor) -> Tensor:
        feature = self.conv_1((x - self.mean) * 255)
        b1, _ = self.block_1(feature)
        b2, _ = self.block_2(b1)
        b3, _ = self.block_3(b2)
        b4, _ = self.block_4(b3)
        b5, _ = self.block_5(b4)
        # The official code hands on "the first convolution" of block 6, but its SiLU works in
        # place: what arrives is the activated one, and the weights were trained so.
        b6, h1 = self.block_6(b5)
        out = self.conv_cat(torch.cat([feature, self.conv_2(b6), b1, h1], dim=1))
        return self.upsampler(out)  # as it is: the mean is not added back


def build(channels: int = 28, scale: int = 4) -> nn.Module:
    return SPAN(channels, scale)


def convert_state_dict(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """A checkpoint of either form as one of the deployed form."""
    blocks = sorted({key.removesuffix(".sk.weight") for key in state if key.endswith(".sk.weight")})
    parts = ("sk", "conv", "eval_conv")
    trained = tuple(f"{block}.{part}." for block in blocks for part in parts)
    deployed = {key: value for key, value in state.items() if not key.startswith(trained)}
    for block in blocks:
        weight, bias = fuse(state, block)
        deployed[f"{block}.eval_conv.weight"] = weight
        deployed[f"{block}.eval_conv.bias"] = bias
    return deployed


def fuse(state: dict[str, Tensor], block: str) -> tuple[Tensor, Tensor]:
    """Weight and bias of the 3x3 convolution that a trained Conv3XC amounts to.

    Exact at the borders too, as the zero padding comes before the first 1x1 convolution.
    """
    part = {
        k.removeprefix(f"{block}."): v.double()
        for k, v in state.items()
        if k.startswith(f"{block}.")
    }
    w1, w2, w3 = part["conv.0.weight"][..., 0, 0], part["conv.1.weight"], part["conv.2.weight"]
    w3 = w3[..., 0, 0]
    weight = torch.einsum("om,mnyx,ni->oiyx", w3, w2, w1)
    weight[:, :, 1, 1] += part["sk.weight"][..., 0, 0]
    inner = w2.sum(dim=(2, 3)) @ part["conv.0.bias"] + part["conv.1.bias"]
    bias = w3 @ inner + part["conv.2.bias"] + part["sk.bias"]
    return weight.float(), bias.float()
