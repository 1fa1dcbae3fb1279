"""SPAN as it is trained. `model.convert_state_dict` turns its checkpoint into the deployed form."""

from torch import Tensor, nn
from torch.nn import functional as F

from .model import SPAN


class Conv3XC(nn.Module):
    """1x1, 3x3 and 1x1 convolutions at twice the width, beside a 1x1 skip: one 3x3 in the end.

    The zero border is added before the first 1x1, so that it carries that layer's bias and the
    fusion is exact. `eval_conv` is stored in official checkpoints; training does not use it.
    """

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.sk = nn.Conv2d(in_channels, out_channels, 1)
        self.conv = nn.Sequential(
            nn.Conv2d(in_channels, 2 * in_channels, 1),
            nn.Conv2d(2 * in_channels, 2 * out_channels, 3),
            nn.Conv2d(2 * out_channels, out_channels, 1),
        )
        self.eval_conv = nn.Conv2d(in_channels, out_channels, 3, padding=1).requires_grad_(False)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(F.pad(x, (1, 1, 1, 1))) + self.sk(x)


def build(channels: int = 28, scale: int = 4) -> nn.Module:
    return SPAN(channels, scale, conv=Conv3XC)
