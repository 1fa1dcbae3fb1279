"""The judge's side of a forkserver: processes within walls, from one that has imported already.

:meth:`Template.start` is ``process.start`` by another way: what comes out of it stands in the same
walls, with the same descriptors, environment and limits, and nothing of anybody else. That way is
proved before it is gone, by the self-test of the walls; where it fails, or is not for what is asked
(a GPU, a compiler, other cores), ``process.start`` starts it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from esrbench.ready import ready
from esrbench.sandbox import process, scratch
from esrbench.sandbox.confined import Confined, Fresh
from esrbench.sandbox.forked import Job
from esrbench.sandbox.place import Place
from esrbench.sandbox.selftest import fault
from esrbench.sandbox.tiers import Tier
from esrbench.sandbox.walls import Walls

_UP_WITHIN = 120.0
"""Importing torch can take long on a cold disk."""
_FOR_EVER = 2.0**20
_PRIVATE = ("HOME", "TMPDIR")
"""Variables that every process has its own values of; any other is the same for all forks."""


class Forked:
    """A fork, told of by its attendant through ``line``; raises OSError where there is none."""

    def __init__(self, line: socket.socket, walls: Walls | None) -> None:
        self._line, self._walls = line, walls
        self._told = b""
        self._code: int | None = None
        self._released = False
        if not self._hear(lines=1, within=_UP_WITHIN):
            line.close()
            raise OSError("nobody was forked")
        self.pid = int(self._told.split(b"\n")[0])

    def _hear(self, lines: int, within: float | None) -> bool:
        """Whether so many lines were told in time; False at once where no more will be."""
        while self._told.count(b"\n") < lines:
            readable, _ = ready(
                [self._line.fileno()], within=_FOR_EVER if within is None else within
            )
            part = self._line.recv(64) if readable else b""
            if not part:
                if readable:
                    self._code = -9  # the attendant is gone, and it with it
                return False
            self._told += part
        return True

    @property
    def roots(self) -> tuple[int, ...]:
        """Itself, until its number may be another's; and what holds the walls."""
        if self._released:
            return ()
        return (self.pid, self._walls.process.pid) if self._walls else (self.pid,)

    def poll(self) -> int | None:
        """As ``Popen.poll``."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self.wait(0)
        return None

    def wait(self, timeout: float | None = None) -> int:
        """As ``Popen.wait``."""
        if self._code is None and self._hear(lines=2, within=timeout):
            self._code = int(self._told.split(b"\n")[1])
        if self._code is None:
            raise subprocess.TimeoutExpired("a fork", timeout or 0.0)
        return self._code

    def release(self) -> None:
        """Let the attendant go, and the walls fall."""
        if not self._released:
            self._released = True
            self._line.close()
            if self._walls is not None:
                self._walls.fall()


class Template:
    """One forkserver with ``modules`` imported, for processes of ``threads`` in ``tier``.

    ``resident``: whether anybody looks at how much memory they hold, which is to be as much as a
    program would.
    """

    def __init__(
        self, modules: Sequence[str], threads: int, tier: Tier, *, resident: bool = True
    ) -> None:
        self._modules, self._threads, self._tier = tuple(modules), threads, tier
        self._resident = resident
        self._lock = threading.RLock()
        self._server: Fresh | None = None
        self._control: socket.socket | None = None
        self._home: Path | None = None
        self._same: tuple[dict[str, str], frozenset[int]] | None = None
        self._fault: str | None = None
        self._proved = False

    def launch(self, environment: Mapping[str, str]) -> None:
        """Have it import, without waiting; what :meth:`start` does where it was not done before."""
        with self._lock:
            if self._same is None and sys.platform == "linux":
                self._same = _common(environment)
                with contextlib.suppress(OSError):
                    self._launch(environment)

    def _launch(self, environment: Mapping[str, str]) -> None:
        self._home = scratch.make()
        own = {**environment, **dict.fromkeys(_PRIVATE, str(self._home))}
        here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        words = [sys.executable, "-m", "esrbench.sandbox.forkserver"]
        numbers = (there.fileno(), self._threads, int(self._resident))
        words += [*map(str, numbers), *self._modules]
        with there, ExitStack() as stack:
            program = stack.enter_context(sealed_interpreter()) if self._tier == "bwrap" else None
            self._server = process.spawned(
                words, own, [there.fileno()], subprocess.DEVNULL, str(self._home), program=program
            )
        self._control = here

    def start(
        self,
        place: Place,
        command: Sequence[str],
        environment: Mapping[str, str],
        descriptors: Sequence[int],
        output: int,
    ) -> Confined:
        """As ``process.start``; forked where that can be."""
        if self._serves(place, environment) and self._proof() is None:
            with contextlib.suppress(OSError):
                return self.fork(place, command, environment, descriptors, output)
        return process.start(place, command, environment, descriptors, output)

    def _serves(self, place: Place, environment: Mapping[str, str]) -> bool:
        """Whether a fork would be what a program would be that is started now."""
        sight = place.sight
        if place.tier != self._tier or sight.device != "cpu" or sight.compiler:
            return False
        self.launch(environment)
        return self._control is not None and self._same == _common(environment)

    def _proof(self) -> str | None:
        """Why forks do not stand in their walls; asked of one, once."""
        with self._lock:
            if not self._proved and self._tier not in ("limits", "none"):
                self._fault = fault(self._tier, self.fork, self._threads)
            self._proved = True
            return self._fault

    def fork(
        self,
        place: Place,
        command: Sequence[str],
        environment: Mapping[str, str],
        descriptors: Sequence[int],
        output: int,
    ) -> Forked:
        """As ``process.start``, and never otherwise than forked; raises OSError where it fails."""
        self.launch(environment)
        if self._control is None:
            raise OSError("there is no forkserver")
        walls = Walls(place, environment) if place.tier == "bwrap" else None
        try:
            inmost = os.pidfd_open(walls.inmost) if walls else os.dup(output)
            here_too = {"PWD": place.home} if walls else {}  # as bubblewrap does
            job = Job(
                command=tuple(command),
                environment={**environment, **here_too},
                folder=place.home,
                descriptors=tuple(descriptors),
                walls=walls is not None,
            )
            here, there = socket.socketpair()
            with os.fdopen(os.memfd_create("job"), "w", encoding="utf-8") as text, there:
                text.write(job.to_json())
                text.flush()
                text.seek(0)
                sent = [text.fileno(), there.fileno(), output, inmost, *descriptors]
                socket.send_fds(self._control, [b"?"], sent)
            os.close(inmost)
            return Forked(here, walls)
        except OSError:
            if walls is not None:
                walls.fall()
            raise

    def close(self) -> None:
        """End it; those that were forked end too."""
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._server is not None:
            process.end(self._server)
        if self._home is not None:
            scratch.remove(self._home)


def _common(environment: Mapping[str, str]) -> tuple[dict[str, str], frozenset[int]]:
    """What is the same for all forks: a process that is to have another is none of them."""
    shared = {name: value for name, value in environment.items() if name not in _PRIVATE}
    return shared, frozenset(os.sched_getaffinity(0))


@contextmanager
def sealed_interpreter() -> Iterator[str]:
    """The path of a copy of the interpreter in memory, which nobody can write to.

    A fork that enters other walls keeps ``/proc/self/exe``, which leads to the file itself and not
    to what stands under its name within; where that can be written to, it is the machine's.
    """
    copy = os.memfd_create("python", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        with os.fdopen(copy, "wb", closefd=False) as file:
            file.write(Path(sys.executable).read_bytes())
        seals = fcntl.F_SEAL_SEAL | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE
        fcntl.fcntl(copy, fcntl.F_ADD_SEALS, seals)
        yield f"/proc/{os.getpid()}/fd/{copy}"
    finally:
        os.close(copy)
