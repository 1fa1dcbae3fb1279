"""Forward tile by tile, as NTIRE's ``test_demo.py`` does where a model asks for it. Runner only."""

from __future__ import annotations

import torch
from torch import Tensor, nn

OVERLAP = 32
"""LR pixels that neighbouring tiles share (``tile_overlap`` of the official script)."""


class Tiled(nn.Module):
    """``model`` on tiles of ``tile`` LR pixels a side; where they overlap, the mean."""

    def __init__(self, model: nn.Module, tile: int, scale: int) -> None:
        super().__init__()
        self.model = model
        self.tile = tile
        self.scale = scale

    def forward(self, x: Tensor) -> Tensor:
        """SR ``(N, 3, H * scale, W * scale)`` for LR ``(N, 3, H, W)``."""
        height, width = x.shape[-2:]
        tile, s = min(self.tile, height, width), self.scale
        total = x.new_zeros((*x.shape[:-2], height * s, width * s))
        weight = torch.zeros_like(total)
        for top in _starts(height, tile):
            for left in _starts(width, tile):
                sr = self.model(x[..., top : top + tile, left : left + tile])
                rows = slice(top * s, (top + tile) * s)
                columns = slice(left * s, (left + tile) * s)
                total[..., rows, columns] += sr
                weight[..., rows, columns] += 1
        return total / weight


def _starts(size: int, tile: int) -> list[int]:
    # In an image no larger than the overlap tiles could not move on: then they move by half.
    step = tile - OVERLAP if tile > OVERLAP else max(1, tile // 2)
    return [*range(0, size - tile, step), size - tile]
