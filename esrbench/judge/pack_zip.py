"""A packed folder as the one file that is handed in."""

from __future__ import annotations

import zipfile
from pathlib import Path

from esrbench.errors import SubmissionError, UsageError

_WRITTEN = (1980, 1, 1, 0, 0, 0)
"""What every file is dated, so that the same submission is the same zip, byte for byte."""


def zip_beside(folder: Path) -> Path:
    """Where the zip of ``folder`` goes; raises UsageError where something is there already."""
    path = folder.parent / f"{folder.name}.zip"
    if path.exists():
        raise UsageError(f"{path} is there already; remove it or give another --out.")
    return path


def write_zip(folder: Path, path: Path) -> Path:
    """``folder`` in the new zip at ``path``, under its own name, as `esrbench score` takes it.

    Raises SubmissionError where what was written cannot be read back.
    """
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    with zipfile.ZipFile(path, "x", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            inside = f"{folder.name}/{file.relative_to(folder).as_posix()}"
            entry = zipfile.ZipInfo(inside, _WRITTEN)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, file.read_bytes())
    with zipfile.ZipFile(path) as archive:
        damaged = archive.testzip()
        whole = damaged is None and len(archive.namelist()) == len(files)
    if not whole:
        path.unlink()
        raise SubmissionError(f"{path} could not be written whole; is the disk full?")
    return path
