"""The smallest input a model takes, and the number its input's sides must be a multiple of."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn

from esrbench.counting.eager import eager

LARGEST = 64
"""Sides are tried up to here."""
_SPAN = 24
"""How many sizes past the smallest are tried for the multiple."""


@dataclass(frozen=True)
class InputSizes:
    """Which square LR inputs give an output of the right size."""

    smallest: int | None
    """The smallest side that works; None where none up to the limit does."""
    multiple: int | None
    """Every side that is a multiple of this and not below ``smallest`` works; 1: any side does."""
    failing: tuple[int, ...]
    """Sides above the smallest that were tried and fail."""


def input_sizes(
    model: nn.Module, scale: int, *, channels: int = 3, largest: int = LARGEST
) -> InputSizes:
    """Try square inputs from 1x1 up on ``model`` (eval mode). Never raises for a failing size."""
    smallest = next((n for n in range(1, largest + 1) if works(model, scale, n, n, channels)), None)
    if smallest is None:
        return InputSizes(None, None, ())
    # Two whole periods of any multiple that the smallest size could stand for.
    tried = range(smallest + 1, smallest + max(_SPAN, smallest) + 1)
    failing = tuple(n for n in tried if not works(model, scale, n, n, channels))
    for multiple in range(1, smallest + 1):
        if all(n % multiple for n in failing) and any(n % multiple == 0 for n in tried):
            return InputSizes(smallest, multiple, failing)
    return InputSizes(smallest, None, failing)


def works(model: nn.Module, scale: int, height: int, width: int, channels: int = 3) -> bool:
    """Whether an LR input of this size gives a finite output ``scale`` times as large."""
    like = next(model.parameters(), torch.zeros(()))
    image = torch.full((1, channels, height, width), 0.5, dtype=like.dtype, device=like.device)
    try:
        with torch.no_grad(), eager():
            output = model(image)
    except Exception:
        return False
    wanted = (1, channels, height * scale, width * scale)
    return (
        isinstance(output, torch.Tensor)
        and tuple(output.shape) == wanted
        and bool(torch.isfinite(output).all())
    )
