"""Write a file whole or not at all: a kill at any instant leaves the old one or the new one."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def write_whole(
    path: Path, data: bytes, *, prefix: str = ".writing-", durable: bool = False
) -> None:
    """Make ``path`` hold ``data``, written beside it and renamed; raises OSError.

    ``durable``: on the disk, not only in the system's memory, when this returns. What is left of a
    writer that was killed starts with ``prefix``.
    """
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=prefix)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            if durable:
                os.fsync(file.fileno())
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
