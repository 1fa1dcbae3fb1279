"""The judge's end of a runner: start it, ask it, and tell how it ended.

A runner may raise, crash, hang, eat all memory or answer nonsense. Each of these becomes a
:class:`RunnerFailure` with a sentence; none of them reaches further than the one submission.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import subprocess
import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, TypeVar

from esrbench.errors import SubmissionError, UnavailableError
from esrbench.judge.child import child_environment
from esrbench.judge.limits import Limits, exceeded
from esrbench.plain_text import plain
from esrbench.ready import ready
from esrbench.runner.answers import Answer, Done
from esrbench.runner.bounded import MAX_SENTENCE
from esrbench.runner.envelope import Answered, open_reply, seal_request
from esrbench.runner.requests import Hello, Request
from esrbench.runner.shared import SharedArray
from esrbench.runner.wire import WireClosed, WireError, read_message, write_message
from esrbench.sandbox import process, scratch, tree
from esrbench.sandbox.choose import choose
from esrbench.sandbox.confined import Starter, members
from esrbench.sandbox.output import MOST_BYTES, Output
from esrbench.sandbox.sight import Sight
from esrbench.sandbox.start import Start
from esrbench.sandbox.tiers import Tier
from esrbench.timing.threads import thread_count

A = TypeVar("A", bound=Answer)

SLOTS = 2
"""LR/SR pairs: while one is computed the other is filled and read."""
_WATCH_SECONDS = 0.1
_START_SECONDS = 120.0
"""Importing torch can take long on a cold disk; no submission is there yet to be hurried."""


class RunnerFailure(SubmissionError):
    """The runner failed while it ran; the text says how."""


class OutOfMemory(RunnerFailure):
    """It asked for more memory than it may have, or than there is."""


class RunnerRejected(SubmissionError):
    """The runner works, and what it was given breaks the interface; the text says how."""


class Runner:
    """One confined process that serves one submission; use it as a context manager.

    ``sight`` is what it can read: ``launch.open_runner`` makes it for a submission. ``threads`` 0
    takes every usable core, ``tier`` None the best that works, ``starter`` another way than as a
    program.
    """

    PROGRAM: ClassVar[tuple[str, ...]] = ("-m", "esrbench.runner")
    """What the interpreter is told to run."""

    def __init__(
        self,
        limits: Limits | None = None,
        *,
        threads: int = 0,
        tier: Tier | None = None,
        sight: Sight | None = None,
        outbox: bool = False,
        starter: Starter = process.start,
    ) -> None:
        self._starter = starter
        self.limits = limits or Limits()
        self.threads = thread_count(threads)
        self.tier: Tier = tier or choose()
        self.lr = [SharedArray.create(from_judge=True) for _ in range(SLOTS)]
        self.sr = [SharedArray.create() for _ in range(SLOTS)]
        self._place = process.make_place(self.tier, sight or Sight(), outbox=outbox)
        self._output = Output()
        self._pending: deque[str] = deque()
        self._waited = 0.0
        self._known: set[int] = set()
        self._ended: RunnerFailure | None = None
        self._start()

    def _start(self) -> None:
        request_read, self._request = os.pipe()
        self._answer, answer_write = os.pipe()
        os.set_blocking(self._request, False)
        start = Start(
            request=request_read,
            answer=answer_write,
            lr=tuple(array.descriptor for array in self.lr),
            sr=tuple(array.descriptor for array in self.sr),
            tier=self.tier,
            threads=self.threads,
            cpu_seconds=self.limits.cpu_seconds(self.threads),
            **self._place.rules(),
        )
        self._process = self._starter(
            self._place,
            [*self.PROGRAM, start.to_json()],
            child_environment(self._place.home, self.threads, self._place.sight.device),
            [request_read, answer_write, *start.lr, *start.sr],
            self._output.writer,
        )
        os.close(request_read)
        os.close(answer_write)
        self._output.close_writer()

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
            deadline = self._deadline(self.limits.answer_seconds)
            wait = lambda: self._watch([], [self._request], deadline)  # noqa: E731
            write_message(self._request, seal_request(nonce, request), wait)

    def receive(self, answer: type[A], *, within: float | None = None) -> A:
        """The answer to the oldest request not yet answered, which is an ``answer``.

        It is of the types and within the bounds of its model: nothing else gets past this line.
        Raises as :meth:`ask`.
        """
        deadline = self._deadline(within or self.limits.answer_seconds)
        begun = time.monotonic()
        try:
            body = read_message(self._answer, lambda: self._watch([self._answer], [], deadline))
        except WireClosed:
            raise self._how_it_ended() from None
        except WireError as why:
            raise self._nonsense(f"message: {why}") from None
        finally:
            self._waited += time.monotonic() - begun
        try:
            reply = open_reply(body, answer)
        except WireError as why:
            raise self._nonsense(str(why)) from None
        if reply.nonce != self._pending.popleft():
            raise self._end("It wrote to the harness's own pipe: an answer nobody asked for.")
        if isinstance(reply, Answered):
            return reply.answer
        text = plain(reply.text, MAX_SENTENCE)
        if reply.kind == "interface":
            raise RunnerRejected(text)
        if reply.kind == "memory":
            raise OutOfMemory(f"It ran out of memory: {text}")
        if reply.kind == "nonsense":
            raise self._nonsense(text)
        raise RunnerFailure(f"It raised {text}")

    def _nonsense(self, what: str) -> RunnerFailure:
        """The end of a runner that says what no runner may; nothing more is read from it."""
        return self._end(f"It broke the harness's protocol ({what}).")

    def _end(self, why: str, kind: type[RunnerFailure] = RunnerFailure) -> RunnerFailure:
        """End the runner for a reason, which answers whatever is asked of it later as well."""
        self._ended = kind(why)
        self.kill()
        return self._ended

    def _deadline(self, seconds: float) -> tuple[float, str]:
        """When waiting ends, and what is said then."""
        left = self.limits.run_seconds - self._waited
        if left < seconds:
            total = self.limits.run_seconds
            return time.monotonic() + left, f"It took more than {total:g} s in all."
        why = f"It gave no answer within {seconds:g} s and was stopped."
        return time.monotonic() + seconds, why

    def _watch(
        self, reading: Sequence[int], writing: Sequence[int], deadline: tuple[float, str]
    ) -> None:
        """Wait until there is something to read or room to write; hold the limits meanwhile."""
        until, too_late = deadline
        while True:
            readable, writable = ready(
                [*reading, self._output.reader], writing, within=_WATCH_SECONDS
            )
            if time.monotonic() > until:  # also for an answer that comes byte by byte
                raise self._end(too_late)
            if self._output.reader in readable:
                self._output.drain()
                if self._output.too_much:
                    raise self._end(f"It printed more than {MOST_BYTES // 2**20} MiB.")
            if writable or any(descriptor in readable for descriptor in reading):
                return
            if self._output.reader in readable and self._process.poll() is not None:
                return  # it is gone: its pipes say the rest
            family = self.pids
            self._known.update(family)
            shared = sum(array.bytes_used for array in (*self.lr, *self.sr))
            why = exceeded(self.limits, self.threads, family, shared)
            if why is not None:
                raise self._end(why.sentence, OutOfMemory if why.memory else RunnerFailure)

    def _how_it_ended(self) -> RunnerFailure:
        """The end of a runner that closed its pipe, in words."""
        if self._ended is not None:
            return self._ended
        try:
            code = self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self.kill()
            return RunnerFailure(
                "It broke the harness's protocol (message: it closed the pipe and went on)."
            )
        if self.tier == "bwrap" and 128 < code <= 192:  # bwrap tells a signal as a shell does
            code = 128 - code
        kind = OutOfMemory if code == -signal.SIGKILL else RunnerFailure
        how = f"crashed with {_signal(-code)}." if code < 0 else (
            f"ended with exit code {code} instead of an answer."
        )  # fmt: skip
        return kind(f"It {how}{self.last_words()}")

    def last_words(self) -> str:
        """The last line the runner printed, for a sentence; empty when it printed nothing."""
        line = self._output.last_line()
        return f" It printed last: {line}" if line else ""

    @property
    def outbox(self) -> Path:
        """The folder in which the judge finds what the runner writes; gone when the runner is."""
        return self._place.folder

    @property
    def pid(self) -> int:
        """The process that all the runner's are children of."""
        return self._process.pid

    @property
    def pids(self) -> list[int]:
        """All processes of the runner that are there now."""
        return members(self._process)

    def resident_bytes(self) -> int:
        """What the runner's processes hold in memory now."""
        return tree.resident_bytes(self.pids)

    def kill(self) -> None:
        """End the runner and everything it started."""
        process.end(self._process, self._known)

    def close(self) -> None:
        """End the runner and free what it held.

        It is not given time to leave: it has nothing to keep, and an interpreter with torch takes
        about a second to take itself down.
        """
        self.kill()
        os.close(self._request)
        os.close(self._answer)
        self._output.close()
        for array in (*self.lr, *self.sr):
            array.close()
        scratch.remove(self._place.folder)

    def __enter__(self) -> Runner:
        try:
            self.send(Hello())
            self.receive(Done, within=_START_SECONDS)
            self._known.update(self.pids)
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


def _signal(number: int) -> str:
    names = {
        signal.SIGKILL: "SIGKILL, which nobody here sent (the system does where memory is short)",
        signal.SIGXCPU: "SIGXCPU: it used all the CPU time it may",
        signal.SIGSYS: "SIGSYS: it made a system call that nothing honest makes",
    }
    with contextlib.suppress(ValueError):
        known = signal.Signals(number)
        return names.get(known, known.name)
    return f"signal {number}"
