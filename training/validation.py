"""PSNR on a validation set as training goes: to watch, never to choose weights by."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from esrbench.data.catalogue import load_catalogue
from esrbench.data.dataset import open_dataset
from esrbench.errors import UnavailableError, UsageError
from esrbench.image import Image
from esrbench.metrics.psnr import psnr
from esrbench.metrics.quantise import to_uint8
from training.images import TrainingImages

WATCHED = "Set5"


class Validation:
    """A few whole images, in memory."""

    def __init__(self, name: str, pairs: Sequence[tuple[Image, Image]], scale: int) -> None:
        """``pairs`` are LR and HR; raises UsageError for HR that the crop leaves nothing of."""
        for number, (_, hr) in enumerate(pairs, start=1):
            if min(hr.shape[:2]) <= 2 * scale:
                raise UsageError(
                    f"Validation image {number} of {name} is {hr.shape[0]}x{hr.shape[1]}, of which "
                    f"a crop border of {scale} leaves nothing; take larger ones."
                )
        self.name = name
        self.scale = scale
        self._pairs = pairs

    def psnr_y(self, network: Callable[[Tensor], Tensor], device: torch.device) -> float:
        """Mean PSNR in dB on Y, ``scale`` pixels cut off each side, on uint8 images.

        ``network`` takes and gives (1, 3, H, W) in [0, 1].
        """
        figures = []
        for lr, hr in self._pairs:
            x = torch.from_numpy(lr.transpose(2, 0, 1).copy())[None].to(device).float() / 255
            sr = to_uint8(network(x)[0].permute(1, 2, 0).cpu().numpy(), 1.0)
            figures.append(psnr(sr, hr, channel="y", crop=self.scale))
        return float(np.mean(figures))


def open_validation(
    folder: Path | None, scale: int, data_root: Path | None, cache_dir: Path | None = None
) -> Validation | None:
    """The images of ``folder``, else Set5 where it is at hand, else None."""
    if folder is not None:
        images = TrainingImages(folder, scale, cache_dir=cache_dir)
        pairs = [images.read(i) for i in range(len(images.pairs))]
        return Validation(folder.name, pairs, scale)
    try:
        dataset = open_dataset(
            WATCHED, scale, data_root=data_root, catalogue=load_catalogue(), cache_dir=cache_dir
        )
    except UnavailableError:
        return None
    return Validation(WATCHED, [(p.read_lr(), p.read_hr()) for p in dataset.pairs], scale)
