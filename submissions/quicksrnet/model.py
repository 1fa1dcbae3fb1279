"""QuickSRNet (arXiv 2303.04336): 3x3 convolutions, every activation clipped to [0, 1].

Range [0, 1]. Made for 8-bit integers: the clip comes before the pixel shuffle, and is no ReLU.
"""

from itertools import pairwise

from torch import Tensor, nn
from torch.nn import functional as F


class Anchor(nn.Module):
    """A trainable 1x1 convolution that starts as nearest-neighbour upscaling."""

    def __init__(self, scale: int) -> None:
        super().__init__()
        self.net = nn.Conv2d(3, 3 * scale**2, 1)
        nn.init.zeros_(self.net.weight)
        nn.init.zeros_(self.net.bias)
        for i in range(3 * scale**2):
            self.net.weight.data[i, i // scale**2] = 1

    def forward(self, x: Tensor) -> Tensor:
        return self.net(x)


class QuickSRNet(nn.Module):
    def __init__(self, channels: int, blocks: int, anchor: bool, scale: int) -> None:
        super().__init__()
        self.scale = scale
        widths = [3, *[channels] * (blocks + 1)]
        pairs = pairwise(widths)
        layers = [(nn.Conv2d(i, o, 3, padding=1), nn.Hardtanh(0.0, 1.0)) for i, o in pairs]
        self.cnn = nn.Sequential(*(layer for pair in layers for layer in pair))
        self.conv_last = nn.Conv2d(channels, 3 * scale**2, 3, padding=1)
        self.anchor = Anchor(scale) if anchor else None

    def forward(self, x: Tensor) -> Tensor:
        out = self.conv_last(self.cnn(x))
        if self.anchor is not None:
            out = out + self.anchor(x)
        return F.pixel_shuffle(out.clamp(0, 1), self.scale)


def build(channels: int = 32, blocks: int = 2, anchor: bool = False, scale: int = 4) -> nn.Module:
    return QuickSRNet(channels, blocks, anchor, scale)
