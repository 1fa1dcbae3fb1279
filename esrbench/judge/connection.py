"""The judge's end of a runner: start it, ask it, and tell how it ended.

A runner may raise, crash, hang, eat all memory or answer nonsense. Each of these becomes a
:class:`RunnerFailure` with a sentence; none of them reaches further than the one submission.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from esrbench.errors import SubmissionError, UnavailableError
from esrbench.judge.child import child_environment, resident_bytes
from esrbench.plain_text import plain
from esrbench.runner.answers import Answer, Done
from esrbench.runner.bounded import MAX_SENTENCE
from esrbench.runner.envelope import Answered, open_reply, seal_request
from esrbench.runner.requests import Hello, Request
from esrbench.runner.shared import SharedArray
from esrbench.runner.wire import WireClosed, WireError, read_message, write_message

A = TypeVar("A", bound=Answer)

SLOTS = 2
"""LR/SR pairs: while one is computed the other is filled and read."""
_WATCH_SECONDS = 0.1
_START_SECONDS = 120.0
"""Importing torch can take long on a cold disk; no submission is there yet to be hurried."""
_LAST_WORDS = 4096


class RunnerFailure(SubmissionError):
    """The runner failed while it ran; the text says how."""


class RunnerRejected(SubmissionError):
    """The runner works, and what it was given breaks the interface; the text says how."""


@dataclass(frozen=True)
class Limits:
    """What one runner may use."""

    answer_seconds: float = 600.0
    """The longest one answer may take."""
    memory_bytes: int | None = None
    """Resident memory of the runner; None for no watch."""
    threads: int = 0
    """CPU threads; 0: as many as there are usable cores."""


class Runner:
    """One child process that serves one submission; use it as a context manager."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self.lr = [SharedArray.create() for _ in range(SLOTS)]
        self.sr = [SharedArray.create() for _ in range(SLOTS)]
        self._scratch = tempfile.TemporaryDirectory(prefix="esrbench-", ignore_cleanup_errors=True)
        self._log = Path(self._scratch.name) / "output.log"
        self._pending: deque[str] = deque()
        self._start()

    def _start(self) -> None:
        request_read, self._request = os.pipe()
        self._answer, answer_write = os.pipe()
        shared = [array.descriptor for array in (*self.lr, *self.sr)]
        arguments = [
            str(request_read),
            str(answer_write),
            ",".join(str(array.descriptor) for array in self.lr),
            ",".join(str(array.descriptor) for array in self.sr),
        ]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "esrbench.runner", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self._scratch.name,
                env=child_environment(self._scratch.name, self.limits.threads),
                pass_fds=[request_read, answer_write, *shared],
                start_new_session=True,
            )
        os.close(request_read)
        os.close(answer_write)

    def ask(self, request: Request[A]) -> A:
        """The answer to one request; raises RunnerFailure or RunnerRejected as a sentence."""
        self.send(request)
        return self.receive(request.answer())

    def send(self, request: Request[Any]) -> None:
        """Send a request without waiting, so that the judge can work while the runner does."""
        nonce = secrets.token_hex(8)
        self._pending.append(nonce)
        # A runner that is gone is told apart, with its reason, when the answer is awaited.
        with contextlib.suppress(WireError):
            write_message(self._request, seal_request(nonce, request))

    def receive(self, answer: type[A], *, within: float | None = None) -> A:
        """The answer to the oldest request not yet answered, which is an ``answer``.

        It is of the types and within the bounds of its model: nothing else gets past this line.
        Raises as :meth:`ask`.
        """
        allowed = within or self.limits.answer_seconds
        deadline = time.monotonic() + allowed
        try:
            body = read_message(self._answer, lambda: self._watch(deadline, allowed))
        except WireClosed:
            raise RunnerFailure(self._how_it_ended()) from None
        except WireError as why:
            raise self._nonsense(f"message: {why}") from None
        try:
            reply = open_reply(body, answer)
        except WireError as why:
            raise self._nonsense(str(why)) from None
        if reply.nonce != self._pending.popleft():
            self.kill()
            raise RunnerFailure("It wrote to the harness's own pipe: an answer nobody asked for.")
        if isinstance(reply, Answered):
            return reply.answer
        text = plain(reply.text, MAX_SENTENCE)
        if reply.kind == "interface":
            raise RunnerRejected(text)
        if reply.kind == "memory":
            raise RunnerFailure(f"It ran out of memory: {text}")
        if reply.kind == "nonsense":
            raise self._nonsense(text)
        raise RunnerFailure(f"It raised {text}")

    def _nonsense(self, what: str) -> RunnerFailure:
        """The end of a runner that says what no runner may; nothing more is read from it."""
        self.kill()
        return RunnerFailure(f"It broke the harness's protocol ({what}).")

    def _watch(self, deadline: float, seconds: float) -> None:
        """Wait until there is something to read, and hold the limits meanwhile."""
        while True:
            ready = bool(select.select([self._answer], [], [], _WATCH_SECONDS)[0])
            if time.monotonic() > deadline:  # also for an answer that comes byte by byte
                self.kill()
                raise RunnerFailure(f"It gave no answer within {seconds:g} s and was stopped.")
            if ready:
                return
            limit = self.limits.memory_bytes
            if limit is not None and resident_bytes(self._process.pid) > limit:
                self.kill()
                raise RunnerFailure(f"It used more than the {limit / 2**30:.1f} GiB it may.")

    def _how_it_ended(self) -> str:
        """The end of a runner that closed its pipe, in words."""
        try:
            code = self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self.kill()
            return "It broke the harness's protocol (message: it closed the pipe and went on)."
        if code < 0:
            name = signal.Signals(-code).name
            hint = " (out of memory, most likely)" if -code == signal.SIGKILL else ""
            return f"It crashed with {name}{hint}.{self.last_words()}"
        return f"It ended with exit code {code} instead of an answer.{self.last_words()}"

    def last_words(self) -> str:
        """The last line the runner printed, for a sentence; empty when it printed nothing."""
        with contextlib.suppress(OSError):
            text = self._log.read_bytes()[-_LAST_WORDS:].decode(errors="replace")
            lines = [line.strip() for line in text.splitlines() if line.strip()]
            if lines:
                return f" It printed last: {lines[-1][:200]}"
        return ""

    @property
    def scratch(self) -> Path:
        """The folder the runner may write into; gone when the runner is."""
        return Path(self._scratch.name)

    @property
    def pid(self) -> int:
        """The runner's process."""
        return self._process.pid

    def resident_bytes(self) -> int:
        """What the runner's process holds in memory now."""
        return resident_bytes(self._process.pid)

    def kill(self) -> None:
        """End the runner and everything it started."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def close(self) -> None:
        """End the runner and free what it held.

        It is not given time to leave: it has nothing to keep, and an interpreter with torch takes
        about a second to take itself down.
        """
        self.kill()
        os.close(self._request)
        os.close(self._answer)
        for array in (*self.lr, *self.sr):
            array.close()
        self._scratch.cleanup()

    def __enter__(self) -> Runner:
        try:
            self.send(Hello())
            self.receive(Done, within=_START_SECONDS)
        except SubmissionError as why:
            # No submission has been loaded yet: this is no submission's fault.
            self.close()
            raise UnavailableError(f"The runner does not start on this machine. {why}") from None
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
