"""Look into a file that is not trusted in a process of its own, in bounded time and memory.

Nothing in such a file is run, but what it says can be laid out so that following it takes minutes
or gigabytes. A fork costs milliseconds where a new interpreter costs a tenth of a second, and it
can write no file and outlive nobody; where the kernel has Landlock and seccomp, it can read that
file and the libraries and nothing else, and open no socket.
"""

from __future__ import annotations

import contextlib
import math
import os
import pickle
import resource
import signal
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from esrbench.errors import SubmissionError
from esrbench.ready import ready
from esrbench.sandbox import landlock, seccomp
from esrbench.sandbox.sight import of_python
from esrbench.submission import limits

T = TypeVar("T")


def apart(look: Callable[[Path], T], path: Path) -> T:
    """``look(path)``, which gives plain data, as a process found it that is gone again.

    Raises what ``look`` raises as SubmissionError; the same where it took more time or memory than
    any honest file needs. Where there is no fork to be had safely it is called here.
    """
    if sys.platform != "linux":
        return look(path)
    read, write = os.pipe()
    with warnings.catch_warnings():
        # Python warns that other threads may hold locks: what is called here takes none of them.
        warnings.simplefilter("ignore", DeprecationWarning)
        pid = os.fork()
    if pid == 0:
        os.close(read)
        _answer(look, path, write)
    os.close(write)
    try:
        told = _read_all(read, time.monotonic() + limits.LOOK_WAIT_SECONDS)
    finally:
        os.close(read)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    if told is None:
        raise SubmissionError(
            f"{path} cannot be looked into within {limits.LOOK_SECONDS:g} s of computing and "
            f"{limits.LOOK_BYTES / 2**30:g} GiB of memory; no honest file takes as much."
        )
    found: T | SubmissionError = pickle.loads(told)  # by this very program: no byte is the file's
    if isinstance(found, SubmissionError):
        raise found
    return found


def _answer(look: Callable[[Path], Any], path: Path, write: int) -> NoReturn:
    """In the child: look, tell, and end without what a judge does when it ends."""
    try:
        _limit()
        _confine(path)
        try:
            found: object = look(path)
        except SubmissionError as why:
            found = why
        told = pickle.dumps(found)
        with os.fdopen(write, "wb") as pipe:
            pipe.write(len(told).to_bytes(8, "little") + told)
    except BaseException:
        os._exit(1)
    os._exit(0)


def _limit() -> None:
    """No more memory than is had already and ``LOOK_BYTES``; no files; no life after the judge."""
    import ctypes

    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)
    had = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    seconds = math.ceil(limits.LOOK_SECONDS)
    for kind, most in (
        (resource.RLIMIT_AS, had + limits.LOOK_BYTES),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(kind)
        limit = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (limit, limit))


def _confine(path: Path) -> None:
    """No file but ``path`` and the libraries, no network, no other process: as far as it goes."""
    with contextlib.suppress(OSError):
        landlock.confine([path, *of_python()], [])
        seccomp.apply()


def _read_all(descriptor: int, until: float) -> bytes | None:
    """What the child tells; None where it ends, or time does, before it has told all."""
    told = bytearray()
    while (left := until - time.monotonic()) > 0:
        if not ready([descriptor], within=left)[0]:
            return None
        part = os.read(descriptor, 1 << 16)
        told += part
        if not part:
            whole = len(told) >= 8 and len(told) == 8 + int.from_bytes(told[:8], "little")
            return bytes(told[8:]) if whole else None
        if len(told) > limits.LOOK_ANSWER_BYTES:
            return None
    return None
