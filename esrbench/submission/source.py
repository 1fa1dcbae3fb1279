"""Where a submission came from, in a word that may be published: never more of a path than its end.

Two submissions of one name are told apart by it (``results/suffix.py``).
"""

from __future__ import annotations

from pathlib import Path

from esrbench import bundled

BUNDLED = "bundled"
"""What comes with esrbench."""


def source_of(path_or_name: str) -> str:
    """``alice/net_g_latest.pth``, ``alice/mynet`` or ``bundled``."""
    path = Path(path_or_name).expanduser()
    if not path.exists() and path.parent.is_dir() and path.parent != Path():
        path = path.parent  # FOLDER/VARIANT
    if not path.exists():
        return BUNDLED
    path = path.resolve()
    if path.is_relative_to(bundled.submissions().resolve()):
        return BUNDLED
    return "/".join(part for part in path.parts[-2:] if part != path.anchor) or path.name
