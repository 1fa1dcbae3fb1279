"""Lanczos upscaling with a = 3, weights normalised to sum 1, symmetric border.

The two passes are convolutions with one filter for each of the `scale` sub-pixel phases.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

RADIUS = 3


def kernel(t: Tensor) -> Tensor:
    """The sinc of `t`, windowed by a sinc three times as wide."""
    return torch.where(t.abs() < RADIUS, torch.sinc(t) * torch.sinc(t / RADIUS), 0.0)


def phase_filters(scale: int) -> Tensor:
    """(scale, 2 RADIUS + 1): row p weighs the LR pixels -RADIUS..RADIUS around output phase p."""
    centre = (torch.arange(scale, dtype=torch.float64) + 0.5) / scale - 0.5
    taps = torch.arange(-RADIUS, RADIUS + 1, dtype=torch.float64)
    weights = kernel(centre[:, None] - taps)
    return (weights / weights.sum(dim=1, keepdim=True)).float()


def symmetric(size: int, device: torch.device) -> Tensor:
    """Indices that extend `size` pixels by RADIUS on each side: ... 1 0 | 0 1 ... , any size."""
    index = torch.arange(-RADIUS, size + RADIUS, device=device) % (2 * size)
    return torch.minimum(index, 2 * size - 1 - index)


class Lanczos(nn.Module):
    filters: Tensor

    def __init__(self, scale: int) -> None:
        super().__init__()
        self.scale = scale
        self.register_buffer("filters", phase_filters(scale), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        n, c, h, w = x.shape
        s = self.scale
        x = x.reshape(n * c, 1, h, w).index_select(2, symmetric(h, x.device))
        x = F.conv2d(x, self.filters.reshape(s, 1, -1, 1))  # (nc, phase, h, w)
        x = x.transpose(1, 2).reshape(n * c, 1, h * s, w).index_select(3, symmetric(w, x.device))
        x = F.conv2d(x, self.filters.reshape(s, 1, 1, -1))
        return x.permute(0, 2, 3, 1).reshape(n, c, h * s, w * s)


def build(scale: int = 4) -> nn.Module:
    return Lanczos(scale)
