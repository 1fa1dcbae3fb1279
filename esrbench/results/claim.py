"""Two judges on one results folder measure each run once.

Whoever is about to measure a run claims it: a file in ``.claims`` that names its owner and whose
time is set anew while the owner works. The claim of an owner that is dead, or of another machine's
that has not been heard of for a while, lapses. Where no claim can be made, nothing is held up.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from esrbench.results.file_lock import locked
from esrbench.whole_file import write_whole

CLAIMS = ".claims"
BEAT_SECONDS = 5.0
LAPSES_SECONDS = 60.0
"""An owner on another machine that is silent for so long is taken for dead."""
_ASK_SECONDS = 0.5


@dataclass(frozen=True)
class Owner:
    """A judge that measures, and where it runs."""

    pid: int
    born: str
    """When the process was started, in the system's own ticks: pids are used again."""
    place: str
    """Host, boot and process namespace: only there does the pid mean anything."""
    host: str
    since: str
    of: str = ""
    """What is measured: ``TEAM/TRACK`` in a challenge, else the submission's label."""

    @property
    def sentence(self) -> str:
        """``process 4711 on gpu3 since 14:02:11``."""
        return f"process {self.pid} on {self.host} since {self.since}"


def claim_key(*what: str | None) -> str:
    """A file name for a run that is described by ``what``."""
    return hashlib.sha256(json.dumps(what).encode()).hexdigest()[:32]


@contextmanager
def claimed(
    root: Path,
    key: str,
    waiting: Callable[[Owner], None] = lambda owner: None,
    *,
    of: str = "",
) -> Iterator[bool]:
    """Hold the run ``key`` of the results folder ``root`` while the body runs.

    Waits for another owner's end, of which ``waiting`` hears once. Yields whether it had to wait,
    so that the caller looks for the other's record.
    """
    waited = False
    while (other := take(root, key, of)) is not None:
        if not waited:
            waiting(other)
        waited = True
        time.sleep(_ASK_SECONDS)
    over = threading.Event()
    beats = threading.Thread(target=_beats, args=(root, key, over), daemon=True)
    beats.start()
    try:
        yield waited
    finally:
        over.set()
        beats.join()
        give_back(root, key)


def take(root: Path, key: str, of: str = "") -> Owner | None:
    """Claim the run ``of`` something; the owner where somebody else has it."""
    folder = root / CLAIMS
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with locked(folder / "lock"):
            owner = _read(folder / key)
            if owner is not None and _lives(owner, folder / key):
                return owner
            write_whole(folder / key, json.dumps(asdict(myself(of))).encode())
    except OSError:
        return None  # nothing can be claimed here: go on without
    return None


def give_back(root: Path, key: str) -> None:
    """Let go of the run, if it is this process's."""
    folder = root / CLAIMS
    with contextlib.suppress(OSError), locked(folder / "lock"):
        owner = _read(folder / key)
        if owner is not None and (owner.pid, owner.place) == (os.getpid(), _place()):
            (folder / key).unlink(missing_ok=True)


def under_way(root: Path) -> list[str]:
    """What is measured now in this results folder, by owners that live: ``Owner.of`` of each."""
    folder = root / CLAIMS
    if not folder.is_dir():
        return []
    paths = [path for path in folder.iterdir() if path.name != "lock"]
    owners = [(owner, path) for path in paths if (owner := _read(path)) is not None]
    with contextlib.suppress(OSError):
        return sorted(owner.of for owner, path in owners if owner.of and _lives(owner, path))
    return []


def myself(of: str = "") -> Owner:
    """This process as an owner."""
    pid, host, now = os.getpid(), socket.gethostname(), time.strftime("%H:%M:%S")
    return Owner(pid, _born(pid) or "", _place(), host, now, of)


def _read(path: Path) -> Owner | None:
    try:
        return Owner(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, RecursionError):
        return None


def _lives(owner: Owner, path: Path) -> bool:
    if owner.place == _place():
        return _born(owner.pid) == owner.born
    # The clock is the file system's own: those of two machines may be apart.
    lock = path.parent / "lock"
    os.utime(lock)
    return lock.stat().st_mtime - path.stat().st_mtime < LAPSES_SECONDS


def beat(root: Path, key: str) -> None:
    """Say that the owner of the run still works on it."""
    with contextlib.suppress(OSError):
        os.utime(root / CLAIMS / key)


def _beats(root: Path, key: str, over: threading.Event) -> None:
    while not over.wait(BEAT_SECONDS):
        beat(root, key)


def _born(pid: int) -> str | None:
    """The process's start in ticks since boot; None when there is no such process."""
    try:
        after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return None if after_name[0] in "ZX" else after_name[19]
    except OSError:
        pass
    except IndexError:
        return None
    if Path("/proc/self/stat").exists():
        return None
    try:  # a system without /proc tells only whether it is there
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except PermissionError:
        return "?"
    return "?"


def _place() -> str:
    boot, namespace = "", ""
    with contextlib.suppress(OSError):
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    with contextlib.suppress(OSError):
        namespace = str(Path("/proc/self/ns/pid").readlink())
    return f"{socket.gethostname()} {boot} {namespace}"
