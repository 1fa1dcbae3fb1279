"""Write a file whole or not at all, and leave it alone when it already says the same.

What is named may be no plain file: a device, a FIFO, a link, standard output itself. Nothing but a
plain file is ever replaced, and a replaced one keeps its mode.
"""

from __future__ import annotations

import os
import stat
import sys
import tempfile
from pathlib import Path

from esrbench.errors import UnavailableError, UsageError

STANDARD_OUTPUT = Path("-")
"""The path that means standard output."""


def is_standard_output(path: Path) -> bool:
    """Whether ``path`` is ``-``, or a name of what this process prints to (``/dev/stdout``).

    Whoever writes there prints nothing else: it would stand in the middle of what is written.
    """
    if path == STANDARD_OUTPUT:
        return True
    try:
        return _names_a_descriptor(path) and os.path.samestat(
            path.stat(), os.fstat(sys.stdout.fileno())
        )
    except (OSError, ValueError):  # nothing there, or standard output is no file
        return False


def write_bytes(path: Path, data: bytes) -> bool:
    """Make ``path`` hold ``data``; True when it had to be written.

    Links are followed. A device, a FIFO and an open descriptor (``/dev/stdout``) are written to.
    Raises UsageError for a folder, UnavailableError when it cannot be written.
    """
    if is_standard_output(path):
        to_standard_output(data)
        return True
    try:
        if path.is_dir():
            raise UsageError(f"{path} is a folder; name a file in it.")
        if _takes_a_stream(path):
            _pour(path, data)
            return True
        return _replace(Path(os.path.realpath(path)), data)
    except (OSError, ValueError) as why:
        if isinstance(why, BrokenPipeError):
            raise
        reason = why.strerror if isinstance(why, OSError) else str(why)
        raise UnavailableError(
            f"{path} cannot be written ({reason}); choose another place."
        ) from None


def write_text(path: Path, text: str) -> bool:
    """As :func:`write_bytes`, in UTF-8."""
    return write_bytes(path, text.encode("utf-8"))


def to_standard_output(data: bytes) -> None:
    """``data`` as it is, after what was printed before."""
    sys.stdout.flush()
    binary = getattr(sys.stdout, "buffer", None)
    if binary is None:  # something that takes text alone has its place
        sys.stdout.write(data.decode("utf-8", "backslashreplace"))
        return
    binary.write(data)
    binary.flush()


def _takes_a_stream(path: Path) -> bool:
    """Whether ``path`` is there and no plain file, or names a descriptor that is open."""
    try:
        kind = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return False
    return not stat.S_ISREG(kind) or _names_a_descriptor(path)


def _names_a_descriptor(path: Path) -> bool:
    """Whether a link on the way leads to ``/proc/PID/fd/N``."""
    seen: set[Path] = set()
    while path not in seen:
        seen.add(path)
        parent = Path(os.path.realpath(path.parent))
        if parent.parts[:2] == ("/", "proc") and parent.name == "fd":
            return True
        if not path.is_symlink():
            return False
        path = parent / path.readlink()
    return False


def _pour(path: Path, data: bytes) -> None:
    # Appending: standard output may be a file that something was already printed to.
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND), "wb") as stream:
        stream.write(data)


def _replace(path: Path, data: bytes) -> bool:
    there = path.is_file()
    if there and path.stat().st_size == len(data) and path.read_bytes() == data:
        return False
    if there and not os.access(path, os.W_OK):
        raise PermissionError(0, "it may not be written")
    path.parent.mkdir(parents=True, exist_ok=True)
    mode = stat.S_IMODE(path.stat().st_mode) if there else 0o666 & ~_umask()
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".writing-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            os.fchmod(file.fileno(), mode)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return True


def _umask() -> int:
    """The process's own; reading it means setting it."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
