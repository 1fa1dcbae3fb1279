"""The judge's side of a forkserver: processes within walls, from one that has imported already.

:meth:`Template.start` is ``process.start`` by another way: what comes out of it stands in the same
walls, with the same descriptors, environment and limits, and nothing of anybody else. That way is
proved before it is gone, by the self-test of the walls; where it fails, or is not for what is asked
(a GPU, a compiler, other cores), ``process.start`` starts it.
"""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from esrbench.sandbox import process, scratch
from esrbench.sandbox.attended import Forked
from esrbench.sandbox.confined import Confined, Fresh
from esrbench.sandbox.forked import Job
from esrbench.sandbox.place import Place
from esrbench.sandbox.sealed import sealed_interpreter
from esrbench.sandbox.selftest import fault
from esrbench.sandbox.tiers import Tier
from esrbench.sandbox.walls import Walls

_PRIVATE = ("HOME", "TMPDIR")
"""Variables that every process has its own values of; any other is the same for all forks."""


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
