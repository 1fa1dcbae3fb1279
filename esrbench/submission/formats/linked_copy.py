"""A folder to write into that looks like a repository: its folders anew, its files as links.

Code of a challenge writes logs and results beside itself, and a repository is there to be read.
"""

from __future__ import annotations

import os
from pathlib import Path

MOST_FILES = 20_000
"""Beyond so many links the folders that are left are links themselves: nothing is written there."""


def linked_copy(repository: Path, into: Path) -> Path:
    """Lay ``repository`` out below ``into``, under its own name, without what is hidden.

    Raises OSError where ``into`` cannot be written to.
    """
    copy, links = into / repository.name, 0
    for place, folders, files in os.walk(repository):
        here = copy / Path(place).relative_to(repository)
        here.mkdir(parents=True, exist_ok=True)
        folders[:] = [name for name in folders if not name.startswith(".")]
        whole = [n for n in folders if links > MOST_FILES or (Path(place) / n).is_symlink()]
        folders[:] = [name for name in folders if name not in whole]
        for name in (*files, *whole):
            (here / name).symlink_to(Path(place) / name)
            links += 1
    return copy
