"""Where the files that come with esrbench are: beside the package, or inside it in a wheel."""

from __future__ import annotations

import os
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
