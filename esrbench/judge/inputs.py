"""Inputs for timed calls: natural images at the asked size, more of them than a cache holds.

They are made of LR images only. Crops of HR photographs would be as natural, but ground truth
never enters a runner.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from esrbench.data.dataset import Dataset, ImagePair
from esrbench.image import Image
from esrbench.protocol.schema import parse_shape

POOL_BYTES = 64 * 2**20
"""More than the last cache of today's CPUs and GPUs."""
_FEWEST, _MOST = 4, 64


def timing_inputs(
    lr_images: Sequence[NDArray[np.uint8]], height: int, width: int
) -> list[NDArray[np.uint8]]:
    """Uint8 images ``(height, width, 3)`` cut from, or mirrored out of, ``lr_images``.

    Different places, and mirrored differently, so that no two are alike; the same every time.
    """
    count = min(_MOST, max(_FEWEST, -(-POOL_BYTES // (height * width * 3 * 4))))
    rng = np.random.default_rng(0)
    return [_cut(lr_images[number % len(lr_images)], height, width, rng) for number in range(count)]


def crops(dataset: Dataset, shape: str) -> Mapping[str, Image]:
    """One LR crop ``(H, W, 3)`` of each image of ``dataset``, mirrored out where it is smaller.

    By ``dataset/image``, read when it is asked for; ``shape`` is ``HxW``.
    """
    _, _, height, width = parse_shape(shape)
    return _Crops(dataset, height, width)


@dataclass(frozen=True)
class _Crops(Mapping[str, Image]):
    dataset: Dataset
    height: int
    width: int

    def __getitem__(self, name: str) -> Image:
        pair = next(pair for pair in self.dataset.pairs if self._name(pair) == name)
        return _cut(pair.read_lr(), self.height, self.width, np.random.default_rng(0))

    def __iter__(self) -> Iterator[str]:
        return map(self._name, self.dataset.pairs)

    def __len__(self) -> int:
        return len(self.dataset.pairs)

    def _name(self, pair: ImagePair) -> str:
        return f"{self.dataset.name}/{pair.name}"


def _cut(
    lr: NDArray[np.uint8], height: int, width: int, rng: np.random.Generator
) -> NDArray[np.uint8]:
    missing = [max(0, height - lr.shape[0]), max(0, width - lr.shape[1])]
    # A mirrored continuation keeps what a network meets in photographs: edges, texture, gradients.
    large = np.pad(lr, ((0, missing[0]), (0, missing[1]), (0, 0)), mode="symmetric")
    top = int(rng.integers(large.shape[0] - height + 1))
    left = int(rng.integers(large.shape[1] - width + 1))
    crop = large[top : top + height, left : left + width]
    if rng.integers(2):
        crop = crop[::-1]
    return np.ascontiguousarray(crop[:, ::-1] if rng.integers(2) else crop)
