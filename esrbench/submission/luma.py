"""A network of the luma plane as one that takes and gives RGB. Runner only.

ESPCN, FSRCNN, ECBSR and most of what came before them are published for Y alone: Y goes through the
network, Cb and Cr are made larger by bicubic interpolation, as their authors' scripts do. The
conversions are written as sums of planes, which no counter takes for the network's own MACs.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from esrbench.errors import SubmissionError

_TO_YCBCR = (
    (65.481, 128.553, 24.966, 16.0),
    (-37.797, -74.203, 112.0, 128.0),
    (112.0, -93.786, -18.214, 128.0),
)
"""ITU-R BT.601 in studio range, from RGB in [0, 1] to levels, as MATLAB's rgb2ycbcr."""
_RADIUS = 2
_PROBE = 16


class OnLuma(nn.Module):
    """``(N, 3, H, W)`` RGB in [0, data_range] to ``(N, 3, H * scale, W * scale)``.

    ``network`` takes and gives ``(N, 1, H, W)``: Y over 255, times data_range. Its Y is the
    output's Y, but for what lies outside RGB and is clipped there.
    """

    def __init__(self, network: nn.Module, scale: int, data_range: float) -> None:
        super().__init__()
        self.network = network
        self.scale = scale
        self.data_range = data_range
        matrix = torch.tensor(_TO_YCBCR, dtype=torch.float64)
        self._to_rgb: list[list[float]] = matrix[:, :3].inverse().tolist()
        self._phases = _phases(scale)

    def forward(self, x: Tensor) -> Tensor:
        """SR, not clamped."""
        red, green, blue = (plane / self.data_range for plane in torch.split(x, 1, dim=1))
        y, cb, cr = (r * red + g * green + b * blue + o for r, g, b, o in _TO_YCBCR)
        sr = self.network(y * (self.data_range / 255)) * (255 / self.data_range)
        chroma = _larger(torch.cat([cb, cr], dim=1), self._phases)
        planes = (sr - 16, chroma[:, :1] - 128, chroma[:, 1:] - 128)
        rgb = [sum(w * p for w, p in zip(row, planes, strict=True)) for row in self._to_rgb]
        return torch.cat(rgb, dim=1) * self.data_range


def _phases(scale: int) -> list[list[float]]:
    """Row p weighs the LR pixels -2 .. 2 around output phase p: Keys' kernel, a = -0.5 (MATLAB)."""
    centre = (torch.arange(scale, dtype=torch.float64) + 0.5) / scale - 0.5
    t = (centre[:, None] - torch.arange(-_RADIUS, _RADIUS + 1, dtype=torch.float64)).abs()
    near = 1.5 * t**3 - 2.5 * t**2 + 1
    far = -0.5 * t**3 + 2.5 * t**2 - 4 * t + 2
    weights = torch.where(t <= 1, near, torch.where(t < 2, far, torch.zeros_like(t)))
    rows: list[list[float]] = (weights / weights.sum(dim=1, keepdim=True)).tolist()
    return rows


def _larger(x: Tensor, phases: list[list[float]]) -> Tensor:
    for axis in (2, 3):
        size = x.shape[axis]
        index = torch.arange(-_RADIUS, size + _RADIUS, device=x.device) % (2 * size)
        x = x.index_select(axis, torch.minimum(index, 2 * size - 1 - index))  # symmetric border
        rows = [
            sum(w * x.narrow(axis, tap, size) for tap, w in enumerate(row) if w) for row in phases
        ]
        x = torch.stack(rows, dim=axis + 1).flatten(axis, axis + 1)  # type: ignore[arg-type]
    return x


def adapted(
    module: nn.Module,
    channels: str | None,
    *,
    scale: int,
    data_range: float,
    multiple: int,
    min_size: int,
) -> tuple[nn.Module, str | None]:
    """``module`` for RGB, and what was done in a sentence where it is a network of Y.

    ``channels`` is what its manifest says; None: told from its shapes, and tried where these leave
    it open. Raises SubmissionError where the manifest says ``y`` and it takes no such input.
    """
    if channels == "rgb" or (channels is None and not _may_be_luma(module)):
        return module, None
    size = max(min_size, _PROBE)
    size += -size % multiple
    if channels is None and _gives(module, 3, size, scale):
        return module, None
    fault = _fault(module, 1, size, scale)
    if fault is not None:
        if channels is None:
            return module, None  # its own fault will be told in its own words
        raise SubmissionError(
            f"The manifest says `channels: y`, but the network does not turn 1x1x{size}x{size} "
            f"into 1x1x{size * scale}x{size * scale}: {fault}."
        )
    how = "the manifest says so" if channels else "told from its shapes"
    return (
        OnLuma(module, scale, data_range),
        f"a network of the luma plane ({how}): Y goes through it, Cb and Cr are bicubic",
    )


def _may_be_luma(module: nn.Module) -> bool:
    """Whether the first convolution could take one channel; a depthwise one looks alike."""
    said = getattr(module, "channels", None)
    if isinstance(said, int):
        return said == 1
    for part in module.modules():
        if isinstance(part, (nn.Conv2d, nn.ConvTranspose2d)):
            return part.in_channels == 1
    weights = (p for p in module.parameters() if p.dim() == 4)
    first = next(weights, None)
    return first is not None and first.shape[1] == 1


def _gives(module: nn.Module, channels: int, size: int, scale: int) -> bool:
    return _fault(module, channels, size, scale) is None


def _fault(module: nn.Module, channels: int, size: int, scale: int) -> str | None:
    """Why ``module`` makes no SR of an input with that many channels; None where it does."""
    like: Any = next(module.parameters(), torch.zeros(()))
    try:
        with torch.no_grad():
            x = torch.zeros(1, channels, size, size, device=like.device)
            shape = tuple(module(x.to(like.dtype)).shape)
    except Exception as why:  # whatever a forward raises for what it does not take
        return " ".join(str(why).split())[:200] or type(why).__name__
    wanted = (1, channels, size * scale, size * scale)
    return None if shape == wanted else f"it gives {'x'.join(map(str, shape))}"
