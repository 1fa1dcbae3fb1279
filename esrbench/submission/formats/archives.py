"""Zip files, of which checkpoints, TorchScript and exported programs are made, read without trust.

``zipfile`` takes what the directory of a damaged file says at its word: nearly any exception can
come out of it. Here each is "no such zip file".
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from esrbench.errors import SubmissionError
from esrbench.submission import limits

_DAMAGED = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    ArithmeticError,
    EOFError,
    KeyError,
    NotImplementedError,
    RuntimeError,
    ValueError,  # negative offsets, names that are no text
    MemoryError,
)
_TAIL = 22 + 65_535
"""Bytes from the end in which the end of the directory is."""


def names(path: Path) -> list[str] | None:
    """The files in the zip at ``path``; None when it is no zip, or a damaged one."""
    try:
        with opened(path) as archive:
            return archive.namelist()
    except SubmissionError:
        return None


def member(path: Path, name: str, largest: int) -> bytes | None:
    """The content of ``name`` in the zip at ``path``; None when it has none of that name.

    Raises SubmissionError when the zip is damaged or the content is more than ``largest`` bytes.
    """
    with opened(path) as archive:
        if name not in archive.namelist():
            return None
        with archive.open(name) as file:
            content = file.read(largest + 1)
    if len(content) > largest:
        raise SubmissionError(f"{path}: {name} in it is larger than {largest:,} bytes.")
    return content


@contextmanager
def opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """The zip at ``path``; raises SubmissionError for whatever is wrong with it, while open too."""
    try:
        if not _has_sane_directory(path):
            raise SubmissionError(f"{path} is no zip file.")
        with zipfile.ZipFile(path) as archive:
            yield archive
    except _DAMAGED as why:
        raise SubmissionError(f"{path} is a damaged zip file ({type(why).__name__}).") from None
    except FileExistsError:  # not the zip's: whoever writes what is in it tells
        raise
    except OSError as why:
        raise SubmissionError(f"{path} cannot be read: {why.strerror or why}.") from None


def _has_sane_directory(path: Path) -> bool:
    """Whether the file ends as a zip does, with a directory that is no larger than it should be."""
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size - _TAIL))
        tail = file.read(_TAIL)
    end = tail.rfind(b"PK\x05\x06")
    if end < 0 or len(tail) - end < 22:
        return False
    directory = int.from_bytes(tail[end + 12 : end + 16], "little")
    if directory == 0xFFFFFFFF:  # zip64: the true size stands in a record just before
        record = tail.rfind(b"PK\x06\x06", 0, end)
        directory = int.from_bytes(tail[record + 40 : record + 48], "little") if record >= 0 else 0
    return directory <= limits.ZIP_DIRECTORY_BYTES
