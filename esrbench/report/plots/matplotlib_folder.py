"""Where matplotlib keeps its list of fonts."""

from __future__ import annotations

import os
from pathlib import Path

from esrbench import bundled


def settle() -> None:
    """Before matplotlib is imported: where its usual folder cannot be written, one of ours.

    It would say so itself, in three lines on standard error, and make another each time.
    """
    if os.environ.get("MPLCONFIGDIR") or _can_be_made(_usual()):
        return
    ours = bundled.cache() / "matplotlib"
    os.environ["MPLCONFIGDIR"] = str(ours if _can_be_made(ours) else bundled.spare_cache())


def _usual() -> Path:
    base = os.environ.get("XDG_CONFIG_HOME")
    return (Path(base) if base else Path("~").expanduser() / ".config") / "matplotlib"


def _can_be_made(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK | os.X_OK)
