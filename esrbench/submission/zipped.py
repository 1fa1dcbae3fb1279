"""A zipped submission: unpacked once, into the cache, without trusting the zip."""

from __future__ import annotations

import atexit
import os
import shutil
import stat
import tempfile
import zipfile
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from esrbench import bundled
from esrbench.errors import SubmissionError
from esrbench.submission import limits
from esrbench.submission.formats import archives
from esrbench.submission.weights import sha256_of

_SLACK = 1_000_000
"""Bytes that a zip of any size may unpack to."""
_ENCRYPTED = 1
"""In the flags of a file in a zip."""
_IGNORED = {"__MACOSX", ".DS_Store", "Thumbs.db"}


def unpacked(path: Path) -> Path:
    """The submission in the zip at ``path``, as a folder or file that stays while this runs.

    That is the zip's content, or the only folder or file in it. The same zip is unpacked once.

    Raises SubmissionError where the zip is damaged, would write outside its folder, holds links,
    or unpacks to far more than a submission has.
    """
    limits.check_size(path, limits.WEIGHTS_BYTES, "a zipped submission")
    folder = _cache() / sha256_of(path)[:24] / path.stem
    if not folder.is_dir():
        _unpack(path, folder)
    return _root(folder)


def _root(folder: Path) -> Path:
    """What is in ``folder``: itself, or what it holds alone, through folders of one folder each.

    A folder with a model.py alone stays one: it is called as the folder or the zip, where every
    such file would be called `model`.
    """
    while folder.is_dir() and not (folder / "submission.yaml").is_file():
        inside = [
            p for p in folder.iterdir() if p.name not in _IGNORED and not p.name.startswith(".")
        ]
        if len(inside) != 1 or inside[0].name == "model.py":
            break
        folder = inside[0]
    return folder


def _cache() -> Path:
    """Where zips are unpacked: the cache, or a folder of this process where that is read-only."""
    try:
        folder = bundled.cache() / "unpacked"
        folder.mkdir(parents=True, exist_ok=True)
        if os.access(folder, os.W_OK):
            return folder
    except (OSError, RuntimeError):
        pass
    return _own_folder()


def _own_folder() -> Path:
    global _own
    if _own is None:
        _own = Path(tempfile.mkdtemp(prefix="esrbench-unpacked-"))
        atexit.register(shutil.rmtree, _own, ignore_errors=True)
    return _own


_own: Path | None = None


def _unpack(path: Path, folder: Path) -> None:
    """All or nothing: ``folder`` appears under its name only when it is whole."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".unpack-"))
    try:
        with archives.opened(path) as archive:
            left = _allowed(path, archive)
            for member in archive.infolist():
                target = staging / _checked(member, path)
                if member.is_dir():
                    target.mkdir(parents=True, exist_ok=True)
                    continue
                target.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(member) as source, target.open("xb") as file:
                    left -= _copied(source, file, left, path)  # type: ignore[arg-type]
        staging.chmod(0o755)
        staging.rename(folder)
    except FileExistsError as why:
        raise SubmissionError(
            f"{path} holds {Path(str(why.filename)).name!r} twice; it is not unpacked."
        ) from None
    except OSError as why:
        if not folder.is_dir():  # else another process was faster
            raise SubmissionError(f"{path} cannot be unpacked: {why.strerror or why}.") from None
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _allowed(path: Path, archive: zipfile.ZipFile) -> int:
    """How many bytes ``archive`` may unpack to, once it is known that it claims no more."""
    members = archive.infolist()
    if len(members) > limits.UNPACKED_FILES:
        raise SubmissionError(f"{path} holds {len(members):,} files; that is no submission.")
    by_ratio = limits.UNPACKED_RATIO * path.stat().st_size + _SLACK
    allowed = min(limits.UNPACKED_BYTES, by_ratio)
    claimed = sum(member.file_size for member in members)
    if claimed > allowed:
        raise SubmissionError(
            f"{path} would unpack to {claimed:,} bytes, where {allowed:,} are allowed; it is not "
            "unpacked."
        )
    return allowed


def _checked(member: zipfile.ZipInfo, path: Path) -> PurePosixPath:
    """The member's path in the zip; raises SubmissionError for one that is not plainly inside."""
    inside = PurePosixPath(member.filename)
    if inside.is_absolute() or ".." in inside.parts or "\\" in member.filename:
        raise SubmissionError(
            f"{path} holds the path {member.filename!r}, which leads out of it; it is not unpacked."
        )
    if member.flag_bits & _ENCRYPTED:
        raise SubmissionError(f"{path} is encrypted; pack it without a password.")
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise SubmissionError(
            f"{path} holds {member.filename!r}, which is a link or a device; it is not unpacked."
        )
    return inside


def _copied(source: BinaryIO, file: BinaryIO, left: int, path: Path) -> int:
    """Copy at most ``left`` bytes; the number copied. More are a zip that lies about its size."""
    total = 0
    while chunk := source.read(1 << 20):
        total += len(chunk)
        if total > left:
            raise SubmissionError(f"{path} unpacks to more than it says; it is not unpacked.")
        file.write(chunk)
    return total
