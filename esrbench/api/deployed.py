"""A module in this process, run as it would be deployed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from esrbench.data.dataset import Dataset
from esrbench.errors import UsageError
from esrbench.image import Image
from esrbench.metrics.quantise import to_uint8
from esrbench.metrics.scorer import Scorer


@dataclass(frozen=True)
class ScoredImage:
    """One image's figures."""

    name: str
    lr_size: tuple[int, int]
    """Height, width."""
    values: dict[str, float | None]
    pixels: int
    """HR pixels inside the crop border."""


def device_of(module: nn.Module) -> torch.device:
    """Where its first parameter or buffer is; the CPU for a module without any."""
    tensors: Iterator[Tensor] = iter([*module.parameters(), *module.buffers()])
    return next((tensor.device for tensor in tensors), torch.device("cpu"))


def scored_images(module: nn.Module, dataset: Dataset, scorer: Scorer) -> Iterator[ScoredImage]:
    """Each image of ``dataset`` with its figures, in its order.

    Raises UsageError for an output that is not an image of HR's size.
    """
    device, scale = device_of(module), dataset.scale
    for pair in dataset.pairs:
        hr = pair.read_hr()
        lr = pair.read_lr()
        sr = _forward(module, lr, device)
        if sr.shape != hr.shape:
            raise UsageError(
                f"{dataset.name}/{pair.name}: the module gives {sr.shape[1]}x{sr.shape[0]} pixels "
                f"where HR at x{scale} is {hr.shape[1]}x{hr.shape[0]} (width x height)."
            )
        yield ScoredImage(
            name=pair.name,
            lr_size=(lr.shape[0], lr.shape[1]),
            values=scorer.score(sr, hr),
            pixels=scorer.pixels_scored(hr.shape[0], hr.shape[1]),
        )


@contextmanager
def as_deployed(module: nn.Module) -> Iterator[None]:
    """Eval mode, no gradients, no autocast; training mode is put back, for each part its own."""
    modes = {part: part.training for part in module.modules()}
    kind = device_of(module).type
    module.eval()
    try:
        with torch.no_grad(), torch.autocast(kind, enabled=False):
            yield
    finally:
        for part, training in modes.items():
            part.training = training


def _forward(module: nn.Module, lr: Image, device: torch.device) -> Image:
    """SR as the uint8 image that is scored: (h * scale, w * scale, 3)."""
    batch = torch.from_numpy(lr.copy()).to(device).permute(2, 0, 1)[None].float() / 255
    sr: Any = module(batch)
    if not isinstance(sr, Tensor) or sr.ndim != 4 or sr.shape[:2] != (1, 3):
        shape = tuple(sr.shape) if isinstance(sr, Tensor) else type(sr).__name__
        raise UsageError(
            f"The module gives {shape} for {tuple(batch.shape)}; it must give 1x3xHxW."
        )
    return to_uint8(sr[0].float().permute(1, 2, 0).contiguous(), 1.0).cpu().numpy()
