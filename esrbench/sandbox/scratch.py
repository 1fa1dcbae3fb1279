"""Folders that a runner may write into: made by the judge, and gone with it, however it went."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from functools import lru_cache
from pathlib import Path

_PREFIX = "esrbench-"


def make() -> Path:
    """A new, private folder whose name tells which process it belongs to."""
    own = f"{_PREFIX}{_numbering()}-{os.getpid()}-{_started(os.getpid())}-"
    return Path(tempfile.mkdtemp(prefix=own))


@lru_cache(maxsize=1)
def sweep_once() -> int:
    """:func:`sweep`, the first time this process asks for it."""
    return sweep()


def sweep() -> int:
    """Remove the scratch folders of processes that are gone; how many."""
    swept = 0
    own = f"{_PREFIX}{_numbering()}-"
    for folder in Path(tempfile.gettempdir()).glob(f"{own}*-*-*"):
        pid, started, _ = folder.name.removeprefix(own).split("-", 2)
        with contextlib.suppress(OSError):
            mine = folder.lstat().st_uid == os.getuid() and not folder.is_symlink()
            if mine and pid.isdigit() and started.isdigit() and _started(int(pid)) != started:
                remove(folder)
                swept += 1
    return swept


def remove(folder: Path) -> None:
    """Remove ``folder`` whatever is in it; links are removed, never followed.

    However deep it is nested: what is below is brought up to the top level by level, so that no
    path is long and nothing descends. What cannot be removed is left, without an error.
    """
    with contextlib.suppress(OSError):
        _open_up(folder)
        number = 0
        while folders := _emptied_of_files(folder):
            for name in folders:
                _open_up(folder / name)
                for child in list((folder / name).iterdir()):
                    number += 1
                    _open_up(child)
                    child.rename(folder / f".up-{os.getpid()}-{number}")
                (folder / name).rmdir()
        folder.rmdir()


def _emptied_of_files(folder: Path) -> list[str]:
    """Remove what is no folder; the names of what is left."""
    folders = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                folders.append(entry.name)
            else:
                Path(entry.path).unlink()
    return folders


def _open_up(folder: Path) -> None:
    """A folder without rights for its owner could be neither read nor emptied."""
    mode = folder.lstat().st_mode
    if stat.S_ISDIR(mode) and stat.S_IMODE(mode) & 0o700 != 0o700:
        folder.chmod(0o700)


def _numbering() -> int:
    """Which process numbers are meant: another container's may be the same as ours."""
    space = Path("/proc/self/ns/pid")
    return space.stat().st_ino if space.exists() else 0


def _started(pid: int) -> str:
    """When a process started, in the kernel's ticks; a number may be given to another process."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return "0" if not Path("/proc/self/stat").exists() and _is_there(pid) else ""
    return text.rpartition(")")[2].split()[19]


def _is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
