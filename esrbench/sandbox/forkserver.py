"""A process that has imported what a runner needs, and forks one whenever it is asked to.

``python -m esrbench.sandbox.forkserver CONTROL THREADS RESIDENT MODULE...``. Importing torch takes
longer than most small networks take to be measured; a fork is there in a hundredth of the time,
with the modules and nothing else. This process is part of the judge: it loads no submission,
computes nothing, and does not even read what it passes on. Each fork builds its walls around
itself, as a program that was just started does, before it does anything else.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import signal
import socket
import sys
import warnings
from collections.abc import Callable
from functools import partial

from esrbench.ready import ready
from esrbench.sandbox.forked import Asked, run
from esrbench.sandbox.resident import Ranges, resident_files
from esrbench.sandbox.start import die_with_the_parent

IMPORT, FORK = b"!", b"?"
"""What it is told: import now, or fork with the descriptors that come with it."""
COMPUTES_WITHIN = 60.0
"""Seconds; what takes longer is taken for something that would for ever."""
_MOST_DESCRIPTORS = 64


def main() -> None:
    """Import when told to, or asked for a fork; then fork until the judge goes."""
    control, threads, resident = map(int, sys.argv[1:4])
    judge = os.getppid()
    die_with_the_parent(judge)
    served = _serve(control, partial(_imported, sys.argv[4:], threads, bool(resident)))
    if served is not None:
        run(*served)


def _imported(modules: list[str], threads: int, resident: bool) -> Ranges | None:
    """What of them is in memory then; None where forks of this process could not compute."""
    for name in modules:
        with contextlib.suppress(ImportError):  # whoever needs it says so
            importlib.import_module(name)
    if "torch" in sys.modules and not forks_compute(max(2, threads)):
        return None
    return resident_files() if resident else []


def forks_compute(threads: int) -> bool:
    """Whether a fork of this process can share work out among its threads.

    Where this process has done so, libgomp has threads that are not forked, and a fork waits for
    them for ever.
    """
    import torch

    child = _fork()
    if child == 0:
        torch.set_num_threads(threads)
        torch.full((1 << 20,), 1.0).mul(2).sum()
        os._exit(0)
    watched = os.pidfd_open(child)
    readable, _ = ready([watched], within=COMPUTES_WITHIN)
    os.close(watched)
    if not readable:
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return status == 0


def _fork() -> int:
    with warnings.catch_warnings():
        # Python 3.12 warns where there are other threads. OpenBLAS has some, which it ends and
        # starts again around a fork; what else computes is found out by forks_compute.
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


def _serve(control: int, imported: Callable[[], Ranges | None]) -> tuple[Asked, Ranges] | None:
    """Returns in each fork what it was asked for; None in this process, when the judge closes."""
    files: Ranges | None = None
    with socket.socket(fileno=control) as requests:
        while True:
            text, descriptors, _, _ = socket.recv_fds(requests, 1, _MOST_DESCRIPTORS)
            if not text:
                return None
            if files is None:
                files = imported()
                if files is None:
                    return None
                signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # forks are the system's to bury
            if text == IMPORT:
                continue
            parent = os.getpid()
            if _fork() == 0:
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                die_with_the_parent(parent)
                job, line, output, walls, *passed = descriptors
                return Asked(job, line, output, walls, tuple(passed)), files
            for descriptor in descriptors:
                os.close(descriptor)


if __name__ == "__main__":
    main()
