"""Write a file whole or not at all, and leave it alone when it already says the same."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from esrbench.errors import UnavailableError


def write_bytes(path: Path, data: bytes) -> bool:
    """Make ``path`` hold ``data``; True when it had to be written.

    Raises UnavailableError when the folder cannot be written.
    """
    try:
        if path.is_file() and path.stat().st_size == len(data) and path.read_bytes() == data:
            return False
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".writing-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            Path(temporary).chmod(0o644)
            Path(temporary).replace(path)
        except OSError:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as why:
        raise UnavailableError(
            f"{path} cannot be written ({why.strerror}); choose another place."
        ) from None
    return True


def write_text(path: Path, text: str) -> bool:
    """As :func:`write_bytes`, in UTF-8."""
    return write_bytes(path, text.encode("utf-8"))
