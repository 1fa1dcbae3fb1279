"""A writer of small submission folders."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

MODEL = """\
from torch import nn

def build(width: int = 4, scale: int = 4):
    return nn.Sequential(nn.Conv2d(3, width, 3, padding=1), nn.Conv2d(width, 3 * scale**2, 1),
                         nn.PixelShuffle(scale))
"""

WriteSubmission = Callable[..., Path]


@pytest.fixture
def write_submission(tmp_path: Path) -> WriteSubmission:
    """``write(yaml, model)`` makes a folder with both files and returns it."""

    def write(manifest: str = "name: tiny\n", model: str = MODEL, folder: str = "tiny") -> Path:
        path = tmp_path / folder
        path.mkdir()
        (path / "submission.yaml").write_text(manifest)
        (path / "model.py").write_text(model)
        return path

    return write
