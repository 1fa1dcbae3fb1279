"""Theoretical receptive field: which LR pixels an output pixel can depend on.

A NaN in one LR pixel spreads through a forward to every output that uses it in any way, whatever
the weights (NaN times 0 is NaN), and to no other. How far it gets, in LR pixels, is the receptive
field's side. Long thin canvases keep it cheap: one for the width, one for the height.
"""

from __future__ import annotations

import platform
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from esrbench.counting.eager import eager

STRIP = (48, 480)
"""Short and long side of the canvas, LR pixels."""
_PHASES = (0, 3, 7)
"""Shifts of the NaN: with strides and windows the reach depends on the place."""


@dataclass(frozen=True)
class ReceptiveField:
    """Sides in LR pixels, at least; exact where ``bounded``."""

    height: int
    width: int
    bounded: bool
    """False where it reaches the canvas's border: global, or larger than the canvas."""

    def __str__(self) -> str:
        return f"{self.height}x{self.width}" if self.bounded else f">={self.height}x{self.width}"


def receptive_field(
    model: nn.Module, *, channels: int = 3, strip: tuple[int, int] = STRIP
) -> ReceptiveField:
    """Measure ``model`` (eval mode; any module from NCHW to an NCHW of a whole scale).

    Raises what the model raises on a ``strip``-sized input. What stops a NaN (``nan_to_num``, a
    comparison, a hard routing decision) stops the measure too: its result is a lower bound then.
    """
    short, long = strip
    width, right = _reach(model, channels, (short, long))
    height, down = _reach(model, channels, (long, short))
    return ReceptiveField(height, width, right and down)


def _reach(model: nn.Module, channels: int, canvas: tuple[int, int]) -> tuple[int, bool]:
    """The spread along the canvas's long axis, and whether it ended before the border."""
    axis = 0 if canvas[0] > canvas[1] else 1
    spreads = []
    for phase in _PHASES:
        place = [canvas[0] // 2, canvas[1] // 2]
        place[axis] += phase
        poisoned = _poisoned(model, channels, canvas, place)
        lines = poisoned.any(dim=1 - axis)
        per_pixel = max(1, len(lines) // canvas[axis])
        touched = torch.nonzero(lines).flatten() // per_pixel
        if len(touched) == 0:
            continue
        first, last = int(touched[0]), int(touched[-1])
        # The reach to both sides of the pixel; borders are those of the canvas.
        ended = first > 0 and last < canvas[axis] - 1
        spreads.append((last - first + 1, ended))
    return max((s for s, _ in spreads), default=0), all(ended for _, ended in spreads)


def _poisoned(model: nn.Module, channels: int, canvas: tuple[int, int], place: list[int]) -> Tensor:
    """Output pixels (H, W) that a NaN at one input pixel turns to NaN."""
    like = next(model.parameters(), torch.zeros(()))
    image = torch.full((1, channels, *canvas), 0.5, dtype=like.dtype, device=like.device)
    image[:, :, place[0], place[1]] = torch.nan
    with torch.no_grad(), eager(), _no_tiles():
        output = model(image)
    return torch.isnan(output).any(dim=1)[0].cpu()


@contextmanager
def _no_tiles() -> Iterator[None]:
    """Without convolutions that work on tiles (Winograd, FFT): those spread a NaN over a tile.

    oneDNN on x86 is asked for its direct algorithm by PyTorch and stays; without it depthwise
    convolutions take many times as long.
    """
    direct = platform.machine() in ("x86_64", "AMD64")
    with warnings.catch_warnings(), ExitStack() as settings:
        warnings.simplefilter("ignore")  # oneDNN's flags warn of settings for other devices
        settings.enter_context(torch.backends.nnpack.flags(enabled=False))
        settings.enter_context(torch.backends.cudnn.flags(enabled=False))
        if not direct:
            settings.enter_context(torch.backends.mkldnn.flags(enabled=False))
        yield
