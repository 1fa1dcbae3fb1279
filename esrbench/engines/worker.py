"""One worker: a process with cores of its own that keeps a bench open and does task after task.

``python -m esrbench.engines.worker REQUESTS EVENTS``, two descriptors: it is told its options once,
then a task a line, and answers with events, a line each. What is printed goes to standard error.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, BinaryIO

from esrbench.engines.messages import Task, send
from esrbench.errors import EsrbenchError, SubmissionError
from esrbench.judge.options import Options

if TYPE_CHECKING:
    from esrbench.judge.bench import Bench
    from esrbench.judge.templates import Loans


@dataclass(frozen=True)
class Setup:
    """What a worker is told at its start: the engine's own pickle, never anybody else's."""

    options: Options
    cores: tuple[int, ...] | None
    """Those it is bound to; None for a worker that times, which has the machine for itself."""
    folder: str
    """The command's working directory, in which nothing is looked for that is imported."""
    lent: Loans | None
    """What its runners are forked of; None where it sees to that itself."""


class EventProgress:
    """Phases and steps as events."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def phase(self, text: str, total: int | None = None) -> None:
        """A new phase begins."""
        send(self._stream, event="phase", text=text, total=total)

    def step(self, text: str) -> None:
        """One step is done."""
        send(self._stream, event="step", text=text)

    def end(self) -> None:
        """Nothing is said: the end of a task is."""


def main() -> None:
    """Serve until there is nothing more to read."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the engine says when to end
    _end_with_the_parent()
    requests, events = os.fdopen(int(sys.argv[1]), "rb"), os.fdopen(int(sys.argv[2]), "wb")
    size = int.from_bytes(requests.read(8), "big")
    setup: Setup = pickle.loads(requests.read(size))
    os.chdir(setup.folder)
    if setup.cores is not None:
        # Libraries count the cores when they are loaded: what they then use in parallel does not
        # depend on how many workers there are, and so neither does any figure.
        import torch

        torch.set_num_threads(torch.get_num_threads())
        if hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(0, setup.cores)
    from esrbench.judge.bench import Bench

    def say(text: str) -> None:
        send(events, event="say", text=text)

    options = replace(setup.options, say=say, progress=EventProgress(events))
    with Bench(options, lent=setup.lent) as bench:
        send(events, event="ready", pid=os.getpid())
        for line in requests:
            task = Task.parse(line)
            try:
                answer = do(task, bench, events, requests)
            except EsrbenchError as why:
                answer = {"event": "error", "text": str(why), "exit_code": why.exit_code}
            send(events, **answer, half=task.half, number=task.job.number)


def do(task: Task, bench: Bench, events: BinaryIO, requests: BinaryIO) -> dict[str, Any]:
    """One task's end as an event: ``done``, ``half`` or ``claimed``.

    Raises EsrbenchError for what is no submission's fault.
    """
    from esrbench.engines.halves import forget_half, keep_half, kept_half, timed_half, untimed_half
    from esrbench.judge.same_run import run_key
    from esrbench.judge.score import measured_before, prepare, reject

    job, root, options = task.job, bench.store.root, bench.options
    try:
        submission = job.submission()
    except SubmissionError as why:
        record = reject(
            job.path, job.scale or options.protocol.scale, why, bench, entered=job.entry
        )
        return _done(record.id, str(bench.store.path_of(record)))
    prepared = prepare(submission, bench, entered=job.entry)
    key = run_key(prepared.who, bench)
    send(events, event="claim", key=key, number=job.number)
    if requests.readline().strip() != b"granted":
        return {"event": "claimed"}
    first = kept_half(root, key)
    if not options.again and (earlier := measured_before(prepared.who, bench)) is not None:
        forget_half(root, key)
        return {**_done(earlier.id, str(bench.store.file_of(earlier))), "skipped": True}
    if task.half == "untimed" or first is None:
        if first is None or options.again:
            first = untimed_half(prepared, bench)
        if options.timing and first.status == "ok" and task.half == "untimed":
            keep_half(root, key, first)
            return {"event": "half", "key": key}
    first = first.model_copy(update={"challenge": prepared.who.challenge})
    if options.timing and first.status == "ok":
        first = timed_half(prepared, first, bench)
    path = bench.store.add(first)
    forget_half(root, key)
    return _done(first.id, str(path))


def _done(record_id: str, path: str) -> dict[str, Any]:
    return {"event": "done", "id": record_id, "path": path}


def _end_with_the_parent() -> None:
    """Ask the system to end this process when the engine's does; where it cannot, the requests
    end and so does the loop."""
    try:
        import ctypes

        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    except (OSError, AttributeError):
        return
    if os.getppid() == 1:
        os._exit(1)


if __name__ == "__main__":
    main()
