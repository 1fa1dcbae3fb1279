"""A network for [0, data_range] as one for [0, 1]. Runner only."""

from __future__ import annotations

from torch import Tensor, nn


class Ranged(nn.Module):
    """``model``, given its input times ``data_range``, its output divided by it."""

    def __init__(self, model: nn.Module, data_range: float) -> None:
        super().__init__()
        self.model = model
        self.data_range = data_range

    def forward(self, x: Tensor) -> Tensor:
        """SR in [0, 1] for LR in [0, 1]."""
        sr: Tensor = self.model(x * self.data_range) / self.data_range
        return sr
