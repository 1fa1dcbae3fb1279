"""Where the tests find real data; without it they say what they leave out."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


def _folder(variable: str) -> Path:
    value = os.environ.get(variable)
    if not value or not Path(value).is_dir():
        pytest.skip(f"{variable} names no folder: the tests on real data are left out")
    return Path(value).resolve()


@pytest.fixture(scope="session")
def data_root() -> Path:
    """Real images and MATLAB tables (``ESRBENCH_DATA_ROOT``)."""
    return _folder("ESRBENCH_DATA_ROOT")


@pytest.fixture(scope="session")
def weights_dir() -> Path:
    """Official checkpoints (``ESRBENCH_WEIGHTS_DIR``)."""
    return _folder("ESRBENCH_WEIGHTS_DIR")
