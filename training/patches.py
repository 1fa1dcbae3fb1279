"""Training patches: where they are cut, flipped and turned is a function of the iteration.

Nothing is kept from one batch to the next, so that a run that is taken up again, or one that
prepares batches ahead and out of order, sees the same patches.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from esrbench.errors import UsageError
from esrbench.image import Image
from esrbench.metrics.colour import luma
from training.images import TrainingImages

TRIES = 8
"""Times a flat patch is drawn anew."""


@dataclass(frozen=True)
class Patches:
    """Cuts batches out of ``images``: each pixel is as likely as any other."""

    images: TrainingImages
    batch: int
    patch: int
    """LR side of a patch."""
    seed: int
    flat: float
    """Standard deviation of LR luma below which a patch is drawn anew."""

    def __post_init__(self) -> None:
        if not self._ends[-1]:
            side = self.patch * self.images.scale
            raise UsageError(f"No training image is as large as a patch of {side}x{side} pixels.")

    @property
    def unused(self) -> int:
        """Images that no patch fits into."""
        return int((np.diff(self._ends, prepend=0) == 0).sum())

    @cached_property
    def _ends(self) -> NDArray[np.int64]:
        """Places a patch can lie at, counted through the images up to the end of each."""
        rows = [max(0, pair.height - self.patch + 1) for pair in self.images.pairs]
        columns = [max(0, pair.width - self.patch + 1) for pair in self.images.pairs]
        return np.cumsum(np.array(rows, dtype=np.int64) * np.array(columns, dtype=np.int64))

    def at(self, iteration: int) -> tuple[Tensor, Tensor]:
        """LR (N, 3, p, p) and HR (N, 3, p * scale, p * scale) of one iteration, uint8."""
        random = np.random.default_rng([self.seed, iteration])
        drawn = [self._one(random) for _ in range(self.batch)]
        lr, hr = (np.stack(part) for part in zip(*drawn, strict=True))
        return _channels_first(lr), _channels_first(hr)

    def _one(self, random: np.random.Generator) -> tuple[Image, Image]:
        for _ in range(TRIES):
            lr, hr = self._cut(int(random.integers(self._ends[-1])))
            if self.flat == 0 or float(luma(lr).std()) >= self.flat:
                break
        turn, mirror = int(random.integers(4)), bool(random.integers(2))
        return turned(lr, turn, mirror), turned(hr, turn, mirror)

    def _cut(self, place: int) -> tuple[Image, Image]:
        """The patch at ``place``, counted through the images row by row."""
        index = int(np.searchsorted(self._ends, place, side="right"))
        within = place - (int(self._ends[index - 1]) if index else 0)
        top, left = divmod(within, self.images.pairs[index].width - self.patch + 1)
        lr, hr = self.images.read(index)
        scale, side = self.images.scale, self.patch
        rows, columns = slice(top, top + side), slice(left, left + side)
        hr_rows = slice(top * scale, (top + side) * scale)
        hr_columns = slice(left * scale, (left + side) * scale)
        return lr[rows, columns], hr[hr_rows, hr_columns]


def turned(image: Image, quarters: int, mirror: bool) -> Image:
    """``image`` (H, W, 3) turned by ``quarters`` x 90 degrees, mirrored left to right before."""
    return np.rot90(image[:, ::-1] if mirror else image, quarters)


def _channels_first(images: Image) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(images.transpose(0, 3, 1, 2)))
