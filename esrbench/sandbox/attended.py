"""A fork as the judge holds it, which is no parent of it and hears of it from its attendant."""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess

from esrbench.ready import ready
from esrbench.sandbox.walls import Walls

_UP_WITHIN = 120.0
"""Importing torch can take long on a cold disk."""
_FOR_EVER = 2.0**20


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
                    self._code = -signal.SIGKILL  # the attendant is gone, and it with it
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
