"""A graph as a module that is in eval mode for good. Runner only."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn


class Frozen(nn.Module):
    """Calls ``graph``, which was exported in eval mode and knows no other."""

    def __init__(self, graph: nn.Module, *, one_by_one: bool = False) -> None:
        super().__init__()
        self.graph = graph
        self._one_by_one = one_by_one

    def forward(self, x: Any) -> Any:
        """Whatever the graph makes of ``x``; one made for a batch of one gets images one by one."""
        if self._one_by_one and len(x) > 1:
            return torch.cat([self.graph(image[None]) for image in x])
        return self.graph(x)

    def train(self, mode: bool = True) -> Frozen:
        """Change nothing: an exported module refuses to be asked."""
        self.training = mode
        return self
