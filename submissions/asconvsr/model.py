"""AsConvSR, assembled convolutions (arXiv 2305.03387), x2, range [0, 1].

The authors' code could not be read: this follows the paper and a third party's description of the
layers. Each image mixes the filters of three convolutions, for every output channel by itself.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

TEMPERATURE = 30.0


class ControlModule(nn.Module):
    """How much of each candidate an output channel takes."""

    def __init__(self, channels: int, out: int, candidates: int) -> None:
        super().__init__()
        self.candidates = candidates
        self.net = nn.Sequential(
            nn.Conv2d(channels, channels // 4, 1, bias=False),
            nn.ReLU(),
            nn.Conv2d(channels // 4, out * candidates, 1, bias=False),
        )

    def forward(self, x: Tensor) -> Tensor:
        """(N, out, candidates)."""
        scores = self.net(F.adaptive_avg_pool2d(x, 1)).flatten(1)
        return (scores.unflatten(1, (-1, self.candidates)) / TEMPERATURE).softmax(dim=2)


class Assembled(nn.Module):
    """Three 3x3 convolutions in a row, of filters that every image mixes; the shares are one."""

    LAYERS = 3

    def __init__(self, n: int, candidates: int = 3) -> None:
        super().__init__()
        self.control_module = ControlModule(n, n, candidates)
        for i in range(1, self.LAYERS + 1):
            weight = torch.empty(candidates, n, n, 3, 3)
            for candidate in weight:
                nn.init.kaiming_uniform_(candidate)
            self.register_parameter(f"weight{i}", nn.Parameter(weight))
            self.register_parameter(f"bias{i}", nn.Parameter(torch.zeros(candidates, n)))

    def forward(self, x: Tensor) -> Tensor:
        n, c, height, width = x.shape
        shares = self.control_module(x)
        # All images of a batch at once, each a group.
        y = x.reshape(1, n * c, height, width)
        for i in range(1, self.LAYERS + 1):
            weight, bias = (self.get_parameter(f"{kind}{i}") for kind in ("weight", "bias"))
            mixed = torch.einsum("noe,eoihw->noihw", shares, weight).flatten(0, 1)
            offset = torch.einsum("noe,eo->no", shares, bias).flatten()
            y = F.conv2d(y, mixed, offset, padding=1, groups=n)
        return y.reshape(n, c, height, width)


class AsConvSR(nn.Module):
    def __init__(self, n: int = 32) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(12, n, 3, padding=1)
        self.assemble = Assembled(n)
        self.conv2 = nn.Conv2d(n, 48, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        height, width = x.shape[2:]
        # Four pixels are one inside: odd sizes get their last row or column once more.
        x = F.pad(x, (0, width % 2, 0, height % 2), mode="replicate")
        y = self.conv2(self.assemble(self.conv1(F.pixel_unshuffle(x, 2))))
        # Each colour four times in a row, which is what the shuffle makes one colour of again.
        sr = F.pixel_shuffle(F.pixel_shuffle(y, 2) + x.repeat_interleave(4, dim=1), 2)
        return sr[..., : 2 * height, : 2 * width]


def build() -> nn.Module:
    return AsConvSR()
