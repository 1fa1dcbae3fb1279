"""Small networks whose counts can be made by hand."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class TinySR(nn.Module):
    """Two convolutions and a pixel shuffle: x2."""

    def __init__(self, width: int = 8) -> None:
        super().__init__()
        self.head = nn.Conv2d(3, width, 3, padding=1)
        self.act = nn.ReLU()
        self.tail = nn.Conv2d(width, 12, 3, padding=1)
        self.up = nn.PixelShuffle(2)

    def forward(self, x: Tensor) -> Tensor:
        return self.up(self.tail(self.act(self.head(x))))


class Calls(nn.Module):
    """Calls a function of the input; ``held`` are the tensors that the function uses."""

    def __init__(self, function, *held: Tensor) -> None:
        super().__init__()
        self.function = function
        self.held = held

    def forward(self, x: Tensor):
        return self.function(x)


class Hidden(nn.Module):
    """A 3x3 convolution 3 -> 12 from ``convolve(x, weight)``, behind an honest one; x2."""

    def __init__(self, convolve) -> None:
        super().__init__()
        self.honest = nn.Conv2d(3, 3, 3, padding=1)
        self.weight = nn.Parameter(torch.rand(12, 3, 3, 3))
        self.convolve = convolve

    def forward(self, x: Tensor) -> Tensor:
        return F.pixel_shuffle(self.convolve(self.honest(x), self.weight), 2)


HONEST_MACS = 3 * 3 * 9
"""Of ``Hidden.honest``, a pixel."""
HIDDEN_MACS = 12 * 3 * 9
"""Of what ``Hidden`` hides, a pixel."""


class Fuses(nn.Module):
    """Two convolutions before the first forward, one after: Conv(3->48) as 3x3 plus 1x1."""

    def __init__(self) -> None:
        super().__init__()
        self.wide = nn.Conv2d(3, 12, 3, padding=1)
        self.narrow: nn.Conv2d | None = nn.Conv2d(3, 12, 1)

    def forward(self, x: Tensor) -> Tensor:
        if self.narrow is None:
            return F.pixel_shuffle(self.wide(x), 2)
        out = self.wide(x) + self.narrow(x)
        with torch.no_grad():
            self.wide.weight[:, :, 1:2, 1:2] += self.narrow.weight
            self.wide.bias += self.narrow.bias
        self.narrow = None
        return F.pixel_shuffle(out, 2)
