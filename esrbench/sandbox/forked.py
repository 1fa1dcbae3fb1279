"""What a fork does to become the process that was asked for (``forkserver.py``).

An attendant first, which enters the walls where there are some and forks the process into them; it
waits for that one's end, tells it, and keeps its number from being given to another until the judge
has heard. Where the judge is gone before, which may be another process than started the forkserver,
attendant and process go too. The process gives up whatever it has of the forkserver's, takes what a
program would have been started with (descriptors, environment, folder) and runs its module.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import resource
import runpy
import sys
import tempfile
import traceback
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import NoReturn

from esrbench.ready import ready
from esrbench.sandbox.namespaces import enter
from esrbench.sandbox.resident import Ranges, take_in
from esrbench.sandbox.start import die_with_the_parent

_FOR_EVER = 2.0**20


@dataclass(frozen=True)
class Asked:
    """The descriptors that come with a request, in their order."""

    job: int
    """A file in memory: what to run, as JSON (:class:`Job`)."""
    line: int
    """A socket to the judge: what becomes of the fork is told there, by nobody else."""
    output: int
    walls: int
    """A process whose namespaces are to be entered; the same as ``output`` for none."""
    passed: tuple[int, ...]


@dataclass(frozen=True)
class Job:
    """What a program would be started with."""

    command: tuple[str, ...]
    """``-m MODULE ARGUMENT...`` or ``SCRIPT ARGUMENT...``."""
    environment: dict[str, str]
    folder: str
    cores: tuple[int, ...]
    """Those it is to have, of whoever asks: the forkserver may have others."""
    descriptors: tuple[int, ...]
    """The numbers that those passed on are to have."""
    walls: bool

    def to_json(self) -> str:
        """For :meth:`from_json`."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Job:
        """What :meth:`to_json` wrote."""
        known = json.loads(text)
        lists = {name: tuple(value) for name, value in known.items() if isinstance(value, list)}
        return cls(**{**known, **lists})


def run(asked: Asked, files: Ranges) -> NoReturn:
    """Become what was asked for, with the pages of ``files`` in memory; never returns."""
    try:
        with os.fdopen(asked.job, encoding="utf-8") as file:
            job = Job.from_json(file.read())
        _attended(asked, job)
        _take(asked, job)
        take_in(files)
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    _become(job)


def _attended(asked: Asked, job: Job) -> None:
    """Returns in the process that is attended to; the attendant itself stays, and ends here."""
    parent = os.getppid()
    if job.walls:
        enter(asked.walls)
        die_with_the_parent(parent)  # another user's rights: the wish was forgotten
    child = os.fork()
    if child == 0:
        return
    _close_all_but({asked.line})
    os.write(asked.line, b"%d\n" % child)
    watched = os.pidfd_open(child)
    while watched not in (told := ready([watched, asked.line], within=_FOR_EVER)[0]):
        if told:  # nothing comes on the line but its end
            os._exit(1)  # and the process, which asked for that, with it
    ended = os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
    assert ended is not None
    code = ended.si_status if ended.si_code == os.CLD_EXITED else -ended.si_status
    with contextlib.suppress(OSError):
        os.write(asked.line, b"%d\n" % code)
        os.read(asked.line, 1)  # nothing comes: the judge closes it
    os.waitpid(child, 0)
    os._exit(0)


def _take(asked: Asked, job: Job) -> None:
    """Take what was passed on, and nothing else of what this process had."""
    os.setsid()
    die_with_the_parent()
    given = os.open(os.devnull, os.O_RDONLY)
    own = [given, asked.output, asked.output, *asked.passed]
    numbers = [0, 1, 2, *job.descriptors]
    _close_all_but(set(own))
    # Out of the way, above all numbers that are to be given: as few as may be open at a time.
    above = [fcntl.fcntl(descriptor, fcntl.F_DUPFD, max(numbers) + 1) for descriptor in own]
    _close_all_but(set(above))
    for descriptor, number in zip(above, numbers, strict=True):
        os.dup2(descriptor, number)
    _close_all_but(set(numbers))
    os.environ.clear()
    os.environ.update(job.environment)
    os.chdir(job.folder)
    os.sched_setaffinity(0, job.cores)
    _draw_anew()


def _close_all_but(kept: set[int]) -> None:
    # Not by a list from /proc, where the attendant, once within, has no number.
    most, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    edges = [-1, *sorted(kept), most if most != resource.RLIM_INFINITY else 1 << 20]
    for below, above in pairwise(edges):
        if below + 1 < above:  # up to 0 would be up to the largest there is
            os.closerange(below + 1, above)


def _draw_anew() -> None:
    """What is drawn, or looked for, once a process is so once a fork: ``random`` does by itself."""
    tempfile.tempdir = None
    if "numpy" in sys.modules:
        import numpy

        numpy.random.seed()


def _become(job: Job) -> NoReturn:
    """Run the module or script as the interpreter would, and end as it would."""
    code: object = 1
    try:
        _run(job)
        code = 0
    except SystemExit as end:
        code = 0 if end.code is None else end.code
    except BaseException:
        traceback.print_exc()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):
            stream.flush()
    os._exit(code & 0xFF if isinstance(code, int) else 1)


def _run(job: Job) -> None:
    command = list(job.command)
    if command[0] == "-s":  # no user's site, which would have been imported long ago
        del command[0]
    if command[0] == "-m":
        sys.path[0] = job.folder
        sys.argv = command[1:]
        runpy.run_module(command[1], run_name="__main__", alter_sys=True)
    else:
        sys.path[0] = str(Path(command[0]).parent)
        sys.argv = command
        runpy.run_path(command[0], run_name="__main__")
