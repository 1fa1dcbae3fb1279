"""What every metric is opened with, and the batch of images that it then scores."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Setting:
    """Where and how metrics run."""

    crop: int
    """Pixels cut off each side by the metrics that cut a border."""
    device: str = "cpu"
    """A torch device: ``cpu``, ``cuda``, ``cuda:1``."""
    data_root: Path | None = None
    weights_dir: Path | None = None
    """Folders that may hold the weights of deep metrics."""
    offline: bool = True
    """Whether nothing may be downloaded."""


@dataclass(frozen=True)
class Batch:
    """SR and HR images that all have one size; uint8, (H, W, 3) RGB or (H, W) grey."""

    sr: tuple[NDArray[np.uint8], ...]
    hr: tuple[NDArray[np.uint8], ...]
    _moved: dict[str, tuple[Tensor, Tensor]] = field(default_factory=dict, repr=False)

    def on(self, device: str) -> tuple[Tensor, Tensor]:
        """SR and HR as uint8 tensors (N, C, H, W) on ``device``, moved there once."""
        if device not in self._moved:
            self._moved[device] = (_tensor(self.sr, device), _tensor(self.hr, device))
        return self._moved[device]


Measure = Callable[[Batch], list[float]]
"""One figure for each image of a batch."""

OpenMetric = Callable[[Mapping[str, str], Setting], Measure]
"""What a metric's file offers as ``open_metric(options, setting)``.

It raises UnavailableError, with the reason and the cure in one sentence, where the metric cannot
be had; never a figure from anything but the published weights.
"""


def _tensor(images: tuple[NDArray[np.uint8], ...], device: str) -> Tensor:
    import torch

    stack = np.stack(images)
    if stack.ndim == 3:
        stack = stack[..., None]
    return torch.from_numpy(stack).to(device).movedim(-1, 1)
