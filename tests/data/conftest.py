"""A small catalogue and data root that the tests of this room share."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from esrbench.data.entry import DatasetEntry
from esrbench.data.images import write_png


@pytest.fixture
def tiny() -> dict[str, DatasetEntry]:
    """One dataset of two images, ``Tiny``, for scales 2 and 4."""
    entry = {
        "title": "Two small images",
        "images": 2,
        "names": ["one", "two"],
        "scales": [2, 4],
        "hr": {"folders": ["Tiny/HR"]},
        "lr": {
            "default": {"folders": ["Tiny/LRx{scale}"], "pattern": "{name}x{scale}.png"},
            "real": {"folders": ["Tiny/real"], "make": None},
        },
        "licence": "none",
        "source": "made here",
        "how_to_get": "draw it",
    }
    return {"Tiny": DatasetEntry.model_validate(entry)}


@pytest.fixture
def tiny_root(tmp_path: Path) -> Path:
    """A data root that holds HR of ``Tiny``: 30x42 and 17x16 pixels (width x height)."""
    random = np.random.default_rng(0)
    root = tmp_path / "root"
    for name, shape in (("one", (42, 30, 3)), ("two", (16, 17, 3))):
        image = random.integers(0, 256, shape, dtype=np.uint8)
        write_png(root / "Tiny" / "HR" / f"{name}.png", image)
    return root
