"""What a function of this folder takes from the environment and tells, as a command does."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from esrbench.data.catalogue import data_root_from


def data_root(given: str | Path | None) -> Path | None:
    """The data root: ``given``, else ``ESRBENCH_DATA_ROOT``, else None."""
    return data_root_from(Path(given) if given is not None else None)


def weights_dir() -> Path | None:
    """``ESRBENCH_WEIGHTS_DIR``, or None."""
    value = os.environ.get("ESRBENCH_WEIGHTS_DIR")
    return Path(value) if value else None


def say(text: str) -> None:
    """``text`` for whoever waits: that another process is timing on the device, say."""
    print(text, file=sys.stderr, flush=True)
