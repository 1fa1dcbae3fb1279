"""A graph as a module that is in eval mode for good. Runner only."""

from __future__ import annotations

from typing import Any

from torch import nn


class Frozen(nn.Module):
    """Calls ``graph``, which was exported in eval mode and knows no other."""

    def __init__(self, graph: nn.Module) -> None:
        super().__init__()
        self.graph = graph

    def forward(self, x: Any) -> Any:
        """Whatever the graph makes of ``x``."""
        return self.graph(x)

    def train(self, mode: bool = True) -> Frozen:
        """Change nothing: an exported module refuses to be asked."""
        self.training = mode
        return self
