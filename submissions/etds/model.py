"""ETDS, equivalent transformation and dual stream network (CVPR 2023), deployed. Range [0, 1].

The two streams of training are one chain of 3x3 convolutions here. `conv_last` gives 1 - y and
`conv_clip` is 1 - x, so that the two ReLUs around it clamp the output to [0, 1].
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F


def conv3x3(in_channels: int, out_channels: int) -> nn.Conv2d:
    return nn.Conv2d(in_channels, out_channels, 3, padding=1)


class ETDS(nn.Module):
    def __init__(self, blocks: int, channels: int, scale: int) -> None:
        super().__init__()
        self.scale = scale
        self.out = 3 * scale**2
        last = self.out + self.out % 2  # x3 carries one channel too many, for an even number
        self.conv_first = conv3x3(3, channels)
        self.backbone_convs = nn.ModuleList(conv3x3(channels, channels) for _ in range(blocks))
        self.conv_last = conv3x3(channels, last)
        self.conv_clip = nn.Conv2d(last, last, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.conv_first(x), inplace=True)
        for conv in self.backbone_convs:
            x = F.relu(conv(x), inplace=True)
        x = F.relu(self.conv_last(x), inplace=True)
        x = F.relu(self.conv_clip(x), inplace=True)
        return F.pixel_shuffle(x[:, : self.out], self.scale)


def build(blocks: int = 4, channels: int = 32, scale: int = 4) -> nn.Module:
    return ETDS(blocks, channels, scale)


def convert_state_dict(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """A checkpoint of either form as one of the deployed form."""
    if "conv_residual_first.weight" not in state:
        return state
    state = {key: value.double() for key, value in state.items()}
    deployed = {
        f"conv_first.{part}": torch.cat(
            [state[f"conv_first.{part}"], state[f"conv_residual_first.{part}"]]
        )
        for part in ("weight", "bias")
    }
    blocks = len([k for k in state if k.startswith("backbone_convs.") and k.endswith(".bias")])
    for i in range(blocks):
        weight, bias = _stack(state, i)
        deployed[f"backbone_convs.{i}.weight"] = weight
        deployed[f"backbone_convs.{i}.bias"] = bias
    deployed |= _last(state)
    return {key: value.float() for key, value in deployed.items()}


def _stack(state: dict[str, Tensor], i: int) -> tuple[Tensor, Tensor]:
    """One step of both streams as one convolution: [x; r] to [x'; r'], where r' ignores x."""
    x_from_x = state[f"backbone_convs.{i}.weight"]
    x_from_r = state[f"add_residual_convs.{i}.weight"]
    r_from_r = state[f"residual_convs.{i}.weight"]
    r_from_x = x_from_x.new_zeros(len(r_from_r), x_from_x.shape[1], 3, 3)
    rows = [torch.cat([x_from_x, x_from_r], dim=1), torch.cat([r_from_x, r_from_r], dim=1)]
    x_bias = state[f"backbone_convs.{i}.bias"] + state[f"add_residual_convs.{i}.bias"]
    return torch.cat(rows), torch.cat([x_bias, state[f"residual_convs.{i}.bias"]])


def _last(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """`conv_last` as 1 - (both streams' last convolutions), and the `conv_clip` behind it."""
    weight = [state["conv_last.weight"], state["conv_residual_last.weight"]]
    weight = -torch.cat(weight, dim=1)
    bias = 1 - (state["conv_last.bias"] + state["conv_residual_last.bias"])
    if len(bias) % 2:
        weight = torch.cat([weight, weight.new_zeros(1, *weight.shape[1:])])
        bias = torch.cat([bias, bias.new_zeros(1)])
    clip = -torch.eye(len(bias), dtype=weight.dtype)[..., None, None]
    return {
        "conv_last.weight": weight,
        "conv_last.bias": bias,
        "conv_clip.weight": clip,
        "conv_clip.bias": torch.ones_like(bias),
    }
