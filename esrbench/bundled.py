"""Where the files that come with esrbench are: beside the package, or inside it in a wheel."""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
from functools import lru_cache
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_IN_WHEEL = _PACKAGE / "_bundled"
_ROOT = _IN_WHEEL if _IN_WHEEL.is_dir() else _PACKAGE.parent


def datasets_yaml() -> Path:
    """The dataset catalogue that comes with esrbench."""
    return _ROOT / "datasets.yaml"


def submissions() -> Path:
    """The folder of reference submissions."""
    return _ROOT / "submissions"


def references() -> Path:
    """The folder of records that come with esrbench."""
    return _ROOT / "references"


def literature() -> Path:
    """The folder of published figures that come with esrbench."""
    return _ROOT / "literature"


def checkout() -> Path | None:
    """The git checkout this package runs from, or None when it was installed from a wheel."""
    root = _PACKAGE.parent
    return root if (root / ".git").exists() and not _IN_WHEEL.is_dir() else None


def cache() -> Path:
    """The folder for what can be made or fetched again: ``ESRBENCH_CACHE``, else the XDG cache."""
    chosen = os.environ.get("ESRBENCH_CACHE")
    if chosen:
        return Path(chosen)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "esrbench"


@lru_cache(maxsize=1)
def spare_cache() -> Path:
    """A cache for this command alone, where the usual one cannot be written; said once.

    The usual one is still read: it may have been filled before it was made read-only. Raises
    OSError where nothing at all can be written.
    """
    folder = Path(tempfile.mkdtemp(prefix="esrbench-cache-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    print(
        f"The cache {cache()} cannot be written: what would be kept there is made again each time "
        "(ESRBENCH_CACHE names another).",
        file=sys.stderr,
    )
    return folder
