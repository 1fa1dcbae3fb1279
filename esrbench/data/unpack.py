"""Take one folder out of a zip file without trusting the zip."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
import zipfile
from pathlib import Path, PurePosixPath

from esrbench.errors import UnavailableError

_MOST_TIMES_LARGER = 50
"""PNG files hardly compress; a zip that unpacks to more than this is no dataset."""
_CHUNK = 1 << 20


def unpack_folder(archive: Path, inside: str, target: Path) -> int:
    """Unpack the folder ``inside`` of the zip ``archive`` as ``target``; returns how many files.

    All or nothing: the folder appears under its name only when it is whole. Raises
    UnavailableError when the zip is damaged, lacks the folder, holds links or paths that lead out
    of it, or unpacks to far more than an archive of images would.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            members = _members(opened, inside, archive)
            target.parent.mkdir(parents=True, exist_ok=True)
            staging = Path(tempfile.mkdtemp(dir=target.parent, prefix=".unpack-"))
            try:
                for member, relative in members:
                    _extract(opened, member, staging / relative)
                staging.chmod(0o755)
                os.rename(staging, target)  # noqa: PTH104 - must fail where target has files
            except BaseException:
                shutil.rmtree(staging, ignore_errors=True)
                raise
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError) as why:
        raise UnavailableError(f"{archive} is not a whole zip file ({why}).") from None
    except OSError as why:
        raise UnavailableError(f"{target} cannot be written: {why.strerror or why}.") from None
    return len(members)


def _members(
    opened: zipfile.ZipFile, inside: str, archive: Path
) -> list[tuple[zipfile.ZipInfo, PurePosixPath]]:
    """The files below ``inside`` and their paths there; raises for anything unsafe."""
    root = PurePosixPath(inside)
    found: list[tuple[zipfile.ZipInfo, PurePosixPath]] = []
    for member in opened.infolist():
        path = PurePosixPath(member.filename)
        if path.is_absolute() or ".." in path.parts or "\\" in member.filename:
            raise UnavailableError(f"{archive} holds the path {member.filename!r}; not unpacked.")
        kind = stat.S_IFMT(member.external_attr >> 16)
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise UnavailableError(f"{archive} holds a link, {member.filename!r}; not unpacked.")
        if not member.is_dir() and path.is_relative_to(root) and path != root:
            found.append((member, path.relative_to(root)))
    if not found:
        raise UnavailableError(f"{archive} holds no files below {inside}; not unpacked.")
    size = sum(member.file_size for member, _ in found)
    if size > _MOST_TIMES_LARGER * archive.stat().st_size:
        raise UnavailableError(f"{archive} would unpack to {size} bytes; not unpacked.")
    return found


def _extract(opened: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with opened.open(member) as source, path.open("xb") as file:
        shutil.copyfileobj(source, file, _CHUNK)
