"""The judge's side of a forkserver: processes within walls, from one that has imported already.

:meth:`Template.start` is ``process.start`` by another way: what comes out of it stands in the same
walls, with the same descriptors, environment and limits, and nothing of anybody else. That way is
proved before it is gone, by the self-test of the walls; where it fails, or is not for what is asked
(a GPU, a compiler, another environment), ``process.start`` starts it.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from esrbench.sandbox import guardian, process, scratch
from esrbench.sandbox.attended import Forked
from esrbench.sandbox.confined import Confined, Fresh
from esrbench.sandbox.forked import Job
from esrbench.sandbox.forkserver import FORK, IMPORT
from esrbench.sandbox.place import Place
from esrbench.sandbox.sealed import sealed_interpreter
from esrbench.sandbox.selftest import fault
from esrbench.sandbox.tiers import Tier
from esrbench.sandbox.walls import Walls
from esrbench.timing.threads import usable_cores


@dataclass(frozen=True)
class Loan:
    """A forkserver of another process: see :meth:`Template.lend`."""

    control: int
    """A descriptor, for as long as the other one has it."""
    environment: dict[str, str]
    """What its forks have in common."""


_turns = itertools.count()


def _next_cores(threads: int) -> tuple[int, ...]:
    """As many of this process's as ``threads``, another each time: forks work side by side, while
    a program, which is timed, is always on the same. 0 for all."""
    usable = usable_cores()
    first = next(_turns) * threads % len(usable)
    turned = [*usable[first:], *usable[:first]]
    return tuple(turned[:threads] if threads else turned)


class Template:
    """One forkserver with ``modules`` imported, for processes of ``threads`` in ``tier``.

    ``resident``: whether anybody looks at how much memory they hold, which is to be as much as a
    program would. ``private``: variables that every process has its own values of, which are a
    folder's for the forkserver; any other is the same for all forks.
    """

    def __init__(
        self,
        modules: Sequence[str],
        threads: int,
        tier: Tier,
        *,
        resident: bool = True,
        private: Sequence[str] = ("HOME", "TMPDIR"),
    ) -> None:
        self._modules, self._threads, self._tier = tuple(modules), threads, tier
        self._resident, self._private = resident, private
        self._lock = threading.RLock()
        self._server: Fresh | None = None
        self._control: socket.socket | None = None
        self._home: Path | None = None
        self._same: dict[str, str] | None = None
        self._told = False
        self._fault: str | None = None
        self._proved = False

    def launch(self, environment: Mapping[str, str]) -> None:
        """Have it import, without waiting; what :meth:`start` does where it was not done before."""
        with self._lock:
            self._stand(environment)
            if self._control is not None and not self._told:
                self._told = True
                with contextlib.suppress(OSError):
                    self._control.send(IMPORT)

    def _stand(self, environment: Mapping[str, str]) -> None:
        """Have it there, waiting to be told or asked."""
        if self._same is None and sys.platform == "linux":
            self._same = self._common(environment)
            with contextlib.suppress(OSError):
                self._launch(environment)

    def _launch(self, environment: Mapping[str, str]) -> None:
        self._home = scratch.make()
        own = {**environment, **dict.fromkeys(self._private, str(self._home))}
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
        return self._control is not None and self._same == self._common(environment)

    def _common(self, environment: Mapping[str, str]) -> dict[str, str]:
        """What is the same for all forks: a process that is to have another is none of them."""
        return {name: value for name, value in environment.items() if name not in self._private}

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
                cores=_next_cores(self._threads),
                descriptors=tuple(descriptors),
                walls=walls is not None,
            )
            here, there = socket.socketpair()
            with os.fdopen(os.memfd_create("job"), "w", encoding="utf-8") as text, there:
                text.write(job.to_json())
                text.flush()
                text.seek(0)
                sent = [text.fileno(), there.fileno(), output, inmost, *descriptors]
                socket.send_fds(self._control, [FORK], sent)
            os.close(inmost)
            forked = Forked(here, walls)
            guardian.watch(forked.pid)
            return forked
        except OSError:
            if walls is not None:
                walls.fall()
            raise

    def lend(self, environment: Mapping[str, str]) -> Loan | None:
        """What another process of this command needs to have it import and fork; None where there
        is none.

        Its forks end with that process, as with this one. It has to be given the descriptor.
        """
        with self._lock:
            self._stand(environment)
        if self._control is None or self._same is None:
            return None
        return Loan(self._control.fileno(), self._same)

    @classmethod
    def borrowed(cls, loan: Loan, threads: int, tier: Tier) -> Template:
        """In that process: the other's."""
        made = cls((), threads, tier)
        made._control, made._same = socket.socket(fileno=loan.control), loan.environment
        return made

    def close(self) -> None:
        """End it, where it is this process's own; those that were forked end too."""
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._server is not None:
            process.end(self._server)
        if self._home is not None:
            scratch.remove(self._home)
