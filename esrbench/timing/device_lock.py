"""Judge side: two commands that time on one device wait for each other.

A file a GPU (by its UUID) or a CPU core, in a folder that all users of the machine share; it is
locked while a runtime is measured and names who holds it. The lock goes with its process, however
that ends. Commands bound to other cores, or on other GPUs, do not wait.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from esrbench.timing.nvml import which_gpu
from esrbench.timing.threads import pick_cores, thread_count, usable_cores

FOLDER = "ESRBENCH_LOCKS"
"""The variable that names another folder of locks."""
_POLL_SECONDS = 0.2
_HOLDER_BYTES = 300


def device_keys(device: str, threads: int) -> list[str]:
    """What timing on ``cpu`` or ``cuda[:N]`` needs for itself: a GPU, or the cores it runs on."""
    if device.startswith("cuda"):
        return [_gpu(device)]
    cores = usable_cores()
    wanted = thread_count(threads)
    bound = pick_cores(cores, wanted) if wanted <= len(cores) else cores
    return [f"core-{core}" for core in bound]


@dataclass(frozen=True)
class HeldCores:
    """Cores that no other worker on this machine works on, as long as this process lives."""

    cores: tuple[int, ...]
    descriptors: tuple[int, ...]
    """Of the locked files: they stay open, and are closed with the process."""


def hold_free_cores(count: int, folder: Path | None = None) -> HeldCores | None:
    """``count`` cores that no other holder has; None where so many are not free.

    Other locks than those of timing: a worker computes beside others, on cores of its own.
    """
    place = folder or _folder()
    cores = usable_cores()
    held: list[int] = []
    descriptors: list[int] = []
    for core in _whole_cores_first(cores):
        if len(held) == count:
            break
        descriptor = _opened(place / f"worker-core-{core}.lock")
        if descriptor is None:
            continue
        if _locked(descriptor):
            held.append(core)
            descriptors.append(descriptor)
        else:
            os.close(descriptor)
    if len(held) == count:
        return HeldCores(tuple(sorted(held)), tuple(descriptors))
    for descriptor in descriptors:
        os.close(descriptor)
    return None


def _whole_cores_first(cores: list[int]) -> list[int]:
    ordered: list[int] = []
    rest = list(cores)
    while rest:
        ordered.append(pick_cores(rest, 1)[0])
        rest.remove(ordered[-1])
    return ordered


def _folder() -> Path:
    return Path(os.environ.get(FOLDER) or Path(tempfile.gettempdir()) / "esrbench-locks")


@contextmanager
def device_lock(
    keys: Sequence[str], who: str, say: Callable[[str], None], folder: Path | None = None
) -> Iterator[None]:
    """Hold the device while inside; ``say`` hears for whom it waits, others are told ``who``.

    Where the folder of locks cannot be written nobody waits.
    """
    place = folder or _folder()
    with ExitStack() as stack:
        for key in sorted(keys):  # in one order, so that no two wait for each other
            stack.enter_context(_held(place / f"{key}.lock", key, who, say))
        yield


@contextmanager
def _held(path: Path, key: str, who: str, say: Callable[[str], None]) -> Iterator[None]:
    descriptor = _opened(path)
    if descriptor is None:
        yield
        return
    try:
        told = False
        while not _locked(descriptor):
            if not told:
                say(f"Waiting for {key.replace('-', ' ')}, where {_holder(descriptor)} is timing.")
                told = True
            time.sleep(_POLL_SECONDS)
        with contextlib.suppress(OSError):
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"process {os.getpid()} ({who})".encode()[:_HOLDER_BYTES], 0)
        yield
    finally:
        os.close(descriptor)


def _opened(path: Path) -> int | None:
    """The lock file, made where it is not there; None where there is no place for it."""
    try:
        if not path.parent.is_dir():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.parent.chmod(0o1777)  # as the temporary folder itself: everyone's
        # No link is followed: the folder is anybody's to write to.
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o666)
    except OSError:
        return None
    with contextlib.suppress(OSError):  # another user's file already is
        os.fchmod(descriptor, 0o666)
    return descriptor


def _locked(descriptor: int) -> bool:
    try:
        import fcntl
    except ImportError:  # a system without such locks: nobody waits
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks
        return True
    return True


def _holder(descriptor: int) -> str:
    """Who wrote itself down; what others wrote is shown as plain text."""
    with contextlib.suppress(OSError):
        text = os.pread(descriptor, _HOLDER_BYTES, 0).decode(errors="replace")
        plain = "".join(letter for letter in text if letter.isprintable())
        return plain or "another command"
    return "another command"


def _gpu(device: str) -> str:
    gpu = which_gpu(device)
    return gpu.uuid if gpu is not None else device.replace(":", "-")
