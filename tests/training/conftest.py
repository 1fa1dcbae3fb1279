"""A folder of small images, and a submission and a recipe that train in a second."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from esrbench.data.images import write_png

MODEL = """\
from torch import nn

def build(width: int = 8, scale: int = 2):
    return nn.Sequential(nn.Conv2d(3, width, 3, padding=1), nn.ReLU(), nn.Dropout(0.1),
                         nn.Conv2d(width, 3 * scale**2, 3, padding=1), nn.PixelShuffle(scale))
"""

RECIPE = """\
submission: {folder}
scale: 2
batch: 2
patch: 16
steps_per_epoch: 4
flat: 0
stages:
  - {{loss: l1, epochs: 2, lr: 1.0e-3, warm_up: 2}}
  - {{loss: l2, epochs: 1, lr: 1.0e-4}}
"""


def texture(height: int, width: int, seed: int) -> NDArray[np.uint8]:
    """A smooth random image, uint8 (H, W, 3)."""
    noise = np.random.default_rng(seed).normal(size=(height, width, 3))
    smooth = gaussian_filter(noise, sigma=(2, 2, 0))
    return np.clip(128 + 60 * smooth / smooth.std(), 0, 255).astype(np.uint8)


@pytest.fixture
def train_dir(tmp_path: Path) -> Path:
    """Three images, one of a size that the scale does not divide."""
    folder = tmp_path / "train"
    for seed, (height, width) in enumerate([(40, 48), (33, 37), (48, 32)]):
        write_png(folder / f"{seed}.png", texture(height, width, seed))
    return folder


@pytest.fixture
def recipe_file(tmp_path: Path) -> Path:
    """A recipe of twelve iterations for a network that draws random numbers (dropout)."""
    folder = tmp_path / "tiny"
    folder.mkdir()
    (folder / "submission.yaml").write_text("name: tiny\nscale: [2, 4]\n")
    (folder / "model.py").write_text(MODEL)
    path = tmp_path / "tiny.yaml"
    path.write_text(RECIPE.format(folder=folder))
    return path
