"""The sha256 of a file, read in pieces."""

from __future__ import annotations

import hashlib
from pathlib import Path

_BYTES = 1 << 20


def file_sha256(path: Path) -> str:
    """The sha256 of the bytes at ``path``, in hex; raises OSError where they cannot be read."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_BYTES):
            digest.update(piece)
    return digest.hexdigest()
