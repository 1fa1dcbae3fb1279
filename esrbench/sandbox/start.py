"""What a confined process is told when it is started, and what it does to itself first.

It runs before numpy, torch or a line of a submission: at that time the process has one thread and
is trusted.
"""

from __future__ import annotations

import ctypes
import json
import os
import platform
import signal
import struct
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

FILE_BYTES = 2**30
OPEN_FILES = 1024
SCRATCH_BYTES = 2**28
"""Of the private scratch and, a quarter each, of /tmp and /dev/shm."""


@dataclass(frozen=True)
class Start:
    """Descriptors, limits, and what to give up."""

    request: int
    answer: int
    lr: tuple[int, ...]
    sr: tuple[int, ...]
    tier: str
    threads: int
    """To bind to as many cores, while that is still allowed."""
    cpu_seconds: int
    readable: tuple[str, ...] = ()
    """For Landlock, as the two that follow."""
    listed: tuple[str, ...] = ()
    writable: tuple[str, ...] = ()

    def to_json(self) -> str:
        """For the command line of the process."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Start:
        """What :meth:`to_json` wrote."""
        return cls(**json.loads(text))


def confine_self(start: Start) -> None:
    """Bind to cores, then give up what ``start.tier`` says, for good; raises OSError where not."""
    if sys.platform != "linux":
        _limit(start)
        return
    if start.tier != "bwrap":  # bwrap sees to it by itself
        die_with_the_parent()
    bind(start.threads)
    if start.tier == "none":
        return
    _limit(start)
    _drop_capabilities()
    if start.tier in ("bwrap", "landlock"):
        from esrbench.sandbox import landlock, seccomp

        if start.tier == "landlock":
            landlock.confine(
                *(map(Path, p) for p in (start.readable, start.writable, start.listed))
            )
        seccomp.apply(marks=start.tier == "bwrap")


def die_with_the_parent(parent: int | None = None) -> None:
    """Ask to be killed when the one that started this process ends; at once where ``parent``, who
    that was, is gone already."""
    pr_set_pdeathsig = 1
    ctypes.CDLL(None, use_errno=True).prctl(pr_set_pdeathsig, signal.SIGKILL)
    if parent not in (None, os.getppid()):
        os._exit(1)


def _drop_capabilities() -> None:
    """Root's rights go, where the judge is root: it could lift its own limits, and much more."""
    libc = ctypes.CDLL(None, use_errno=True)
    no_new_privileges, capset = 38, {"x86_64": 126, "aarch64": 91}.get(platform.machine())
    if capset is not None:
        libc.prctl(no_new_privileges, 1, 0, 0, 0)
        header, none = struct.pack("Ii", 0x20080522, 0), bytes(24)
        if libc.syscall(capset, header, none):
            raise OSError(ctypes.get_errno(), "capset")


def bind(threads: int) -> None:
    """To as many cores as ``threads``, where there are more; 0 for all."""
    from esrbench.timing.threads import pick_cores, usable_cores

    usable = usable_cores()
    if 0 < threads < len(usable):
        os.sched_setaffinity(0, pick_cores(usable, threads))


def _limit(start: Start) -> None:
    import resource

    wanted = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: FILE_BYTES,
        resource.RLIMIT_NOFILE: OPEN_FILES,
        resource.RLIMIT_CPU: start.cpu_seconds,
    }
    for kind, most in wanted.items():
        _, hard = resource.getrlimit(kind)
        limit = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (limit, limit))
