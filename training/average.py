"""The running mean of the weights (EMA): smoother than any one iteration's, and what is shipped."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class WeightsMean:
    """Exponential mean of a network's state; buffers that are no floats are copied."""

    def __init__(self, network: nn.Module, decay: float) -> None:
        self.decay = decay
        self.state = {k: v.detach().clone() for k, v in network.state_dict().items()}

    @torch.no_grad()
    def update(self, network: nn.Module, iteration: int) -> None:
        """Take in the weights after ``iteration`` (from 0); early ones weigh less than ``decay``
        says, so that the mean does not hang on to the random start."""
        decay = min(self.decay, (1 + iteration) / (10 + iteration))
        mean: list[Tensor] = []
        new: list[Tensor] = []
        for name, value in network.state_dict().items():
            if value.is_floating_point():
                mean.append(self.state[name])
                new.append(value.detach())
            else:
                self.state[name].copy_(value)
        torch._foreach_lerp_(mean, new, 1 - decay)
