"""Effective receptive field: how much each LR pixel really moves the centre of the output.

The gradient of the central output pixels with respect to the input, its absolute value summed over
channels and averaged over inputs (Luo et al., "Understanding the Effective Receptive Field in Deep
Convolutional Neural Networks", 2016).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from esrbench.errors import UnavailableError

SIDE = 64
"""LR pixels of the map, a side."""


@dataclass(frozen=True)
class EffectiveField:
    """The map, and how wide its mass is spread."""

    map: NDArray[np.float32]
    """(side, side), sums to 1; the centre is the LR pixel whose output was followed."""
    side_95: int
    """Side of the smallest square round the centre that holds 95% of the mass."""
    side_99: int

    def as_dict(self) -> dict[str, Any]:
        """JSON-able; the map rounded to four significant digits."""
        rows = [[float(f"{value:.3e}") for value in row] for row in self.map.tolist()]
        return {"map": rows, "side_95": self.side_95, "side_99": self.side_99}


def effective_field(
    model: nn.Module,
    *,
    data_range: float = 1.0,
    side: int = SIDE,
    inputs: Sequence[Tensor] | None = None,
) -> EffectiveField:
    """Follow gradients of ``model`` (eval mode) back to ``side`` x ``side`` inputs.

    ``inputs`` are 1x3 x side x side in [0, data_range]; by default four fixed smooth random ones.
    Raises UnavailableError where the model passes no gradient (custom operators, ``no_grad``).
    """
    total = torch.zeros(side, side, dtype=torch.float64)
    for image in inputs if inputs is not None else smooth_noise(4, side, data_range):
        total += _gradient(model, image).double().cpu()
    mass = float(total.sum())
    if not np.isfinite(mass) or mass == 0:
        raise UnavailableError(
            "The effective receptive field is unknown: no gradient reaches the model's input."
        )
    field = (total / mass).float().numpy()
    return EffectiveField(field, _square_holding(field, 0.95), _square_holding(field, 0.99))


def smooth_noise(count: int, side: int, data_range: float) -> list[Tensor]:
    """Fixed images (1, 3, side, side) in [0, data_range] with large and small structure."""
    generator = torch.Generator().manual_seed(0)
    images = []
    for _ in range(count):
        layers = [
            F.interpolate(
                torch.rand(1, 3, max(2, side // step), max(2, side // step), generator=generator),
                size=(side, side),
                mode="bilinear",
            )
            for step in (1, 4, 16)
        ]
        images.append(sum(layers, torch.zeros(1, 3, side, side)) / len(layers) * data_range)
    return images


def _gradient(model: nn.Module, image: Tensor) -> Tensor:
    like = next(model.parameters(), torch.zeros(()))
    x = image.to(like.device).requires_grad_()
    side = image.shape[-1]
    try:
        with torch.enable_grad():
            # A model may write into its input; a leaf must not be written into.
            output = model(x * 1.0)
            scale = output.shape[-1] // side
            centre = side // 2 * scale
            target = output[..., centre : centre + scale, centre : centre + scale].sum()
            (gradient,) = torch.autograd.grad(target, x)
    except RuntimeError as error:
        reason = str(error).splitlines()[0][:160]
        raise UnavailableError(
            f"The effective receptive field is unknown: the model passes no gradient ({reason})."
        ) from error
    return gradient.abs().sum(dim=(0, 1))


def _square_holding(field: NDArray[np.float32], share: float) -> int:
    centre = field.shape[0] // 2
    for reach in range(centre):
        window = slice(centre - reach, centre + reach + 1)
        if float(field[window, window].sum()) >= share:
            return 2 * reach + 1
    return int(field.shape[0])
