"""How far an answer is from what it should be: the losses a stage can name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, get_args

import torch
from torch import Tensor
from torch.nn import functional as F

Loss = Literal["l1", "l2", "charbonnier"]

_ROUNDED = 1e-3
"""Charbonnier's epsilon, of values in [0, 1]: below it the loss is round, above it is L1."""


def charbonnier(answer: Tensor, wanted: Tensor) -> Tensor:
    """The mean of sqrt(d^2 + 1e-6), as LapSRN has it (arXiv 1710.01992, section 3.3)."""
    return torch.sqrt((answer - wanted).square() + _ROUNDED**2).mean()


LOSSES: dict[Loss, Callable[[Tensor, Tensor], Tensor]] = {
    "l1": F.l1_loss,
    "l2": F.mse_loss,
    "charbonnier": charbonnier,
}
"""Each takes an answer and what is wanted, of one shape, to a scalar."""
assert LOSSES.keys() == set(get_args(Loss))
