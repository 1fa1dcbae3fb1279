"""Patches: LR over HR, all pixels alike, the same for the same iteration."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import pytest
import torch

from esrbench.errors import UsageError
from training.images import Image
from training.patches import Patches, turned

SCALE = 4


@dataclass(frozen=True)
class Size:
    height: int
    width: int


class Numbered:
    """Images whose LR pixels say row, column and image, and whose HR is LR enlarged by copying."""

    scale = SCALE

    def __init__(self, *sizes: tuple[int, int]) -> None:
        self.pairs = [Size(*size) for size in sizes]

    def read(self, index: int) -> tuple[Image, Image]:
        size = self.pairs[index]
        rows, columns = np.mgrid[: size.height, : size.width]
        lr = np.stack([rows, columns, np.full_like(rows, index)], axis=-1).astype(np.uint8)
        return lr, lr.repeat(SCALE, axis=0).repeat(SCALE, axis=1)


def _patches(*sizes: tuple[int, int], **options) -> Patches:
    options = {"batch": 16, "patch": 8, "seed": 3, "flat": 0.0, **options}
    return Patches(Numbered(*sizes), **options)  # type: ignore[arg-type]


def test_hr_lies_over_lr_however_it_is_turned() -> None:
    patches = _patches((20, 30), (9, 40))
    for iteration in range(8):  # 128 patches: each of the eight turns, many times
        lr, hr = patches.at(iteration)
        assert lr.dtype == hr.dtype == torch.uint8
        assert (lr.shape, hr.shape) == ((16, 3, 8, 8), (16, 3, 32, 32))
        enlarged = lr.repeat_interleave(SCALE, dim=2).repeat_interleave(SCALE, dim=3)
        assert torch.equal(hr, enlarged)


def test_all_eight_turns_are_drawn() -> None:
    seen = set()
    for iteration in range(8):
        for patch in _patches((8, 8)).at(iteration)[0]:  # one place only: turns alone differ
            seen.add(
                (
                    patch[0, 0, 0].item(),
                    patch[1, 0, 0].item(),
                    bool(patch[0, 0, 1] != patch[0, 0, 0]),
                )
            )
    assert len(seen) == 8


def test_turned_by_hand() -> None:
    image = np.array([[[1], [2]], [[3], [4]]], dtype=np.uint8)
    assert turned(image, 0, True)[..., 0].tolist() == [[2, 1], [4, 3]]
    assert turned(image, 1, False)[..., 0].tolist() == [[2, 4], [1, 3]]


def test_images_are_drawn_by_the_places_a_patch_has_in_them() -> None:
    patches = _patches((7, 100), (8, 17), (17, 10), batch=100)  # 0, 1 x 10 and 10 x 3 places
    drawn: Counter[int] = Counter()
    for iteration in range(20):
        drawn.update(patches.at(iteration)[0][:, 2, 0, 0].tolist())
    assert set(drawn) == {1, 2}
    assert drawn[1] / 2000 == pytest.approx(0.25, abs=0.04)  # four standard deviations


def test_every_place_is_drawn() -> None:
    patches = _patches((10, 9), batch=100)
    lr = torch.cat([patches.at(i)[0] for i in range(5)])
    corners = {(int(p[0].min()), int(p[1].min())) for p in lr}
    assert corners == {(row, column) for row in range(3) for column in range(2)}


def test_a_batch_depends_on_seed_and_iteration_alone() -> None:
    patches = _patches((20, 30))
    later = patches.at(7)[0]
    patches.at(1)
    assert torch.equal(patches.at(7)[0], later)
    assert not torch.equal(patches.at(8)[0], later)
    assert not torch.equal(_patches((20, 30), seed=4).at(7)[0], later)


def test_flat_patches_are_drawn_anew() -> None:
    class HalfFlat(Numbered):
        def read(self, index: int) -> tuple[Image, Image]:
            lr = np.zeros((8, 80, 3), np.uint8)
            lr[:, 40:] = np.random.default_rng(0).integers(0, 255, (8, 40, 3))
            return lr, lr.repeat(SCALE, axis=0).repeat(SCALE, axis=1)

    def flat_ones(threshold: float) -> int:
        patches = Patches(HalfFlat((8, 80)), 100, 8, 0, threshold)  # type: ignore[arg-type]
        return sum(int(patch.max() == 0) for patch in patches.at(0)[0])

    assert flat_ones(0.0) > 20  # of 73 places, 33 see nothing of the right half: 45 expected
    assert flat_ones(2.0) <= 2  # 0.45 ** 8 of 100


def test_patches_larger_than_every_image_are_refused() -> None:
    with pytest.raises(UsageError, match="as large as a patch of 32x32"):
        _patches((7, 100), (100, 7))
