"""Many submissions on one machine: a process a worker, quality side by side, timing alone.

The first halves of all records fan out over the workers, each on cores of its own. Runtimes are
measured when those are done, by one worker that has all cores. A record is written when both halves
are there.
"""

from __future__ import annotations

import json
import selectors
import time
from collections import deque
from dataclasses import replace
from typing import Any, cast

from esrbench.engines.cores import deal
from esrbench.engines.messages import Half, Task
from esrbench.engines.outcomes import DEATHS, Hear, Outcomes
from esrbench.engines.plan import Job
from esrbench.engines.workers import Worker, Workers
from esrbench.errors import UnavailableError
from esrbench.judge.bench import Bench
from esrbench.judge.progress import Silent
from esrbench.results import claim
from esrbench.timing.threads import usable_cores

_LOOK_SECONDS = 0.5


def _say_nothing(text: str) -> None:
    del text


class LocalEngine:
    """Does jobs with ``workers`` processes; use :meth:`run` once."""

    def __init__(self, bench: Bench, hear: Hear, *, workers: int) -> None:
        options = bench.options
        self._options = replace(options, progress=Silent(), say=_say_nothing)
        self._workers = Workers(self._options)
        self._root = options.results
        self._count = workers
        self._hear = hear
        self._outcomes = Outcomes()
        self._deaths: dict[int, int] = {}
        self._claims: dict[int, str] = {}
        self._twins: set[int] = set()
        self._beat = 0.0
        self._stopping = False
        self._selector = selectors.DefaultSelector()

    @property
    def side_by_side(self) -> int:
        """Its workers, or the cores where there are fewer."""
        return min(self._count, len(usable_cores()))

    def run(self, jobs: tuple[Job, ...]) -> Outcomes:
        """Do ``jobs`` in their order; what is left when a person stops it stays open.

        The first interrupt lets running tasks end, the second ends them.
        """
        try:
            with self._workers:
                shares = deal(usable_cores(), min(self._count, len(jobs)) or 1)
                self._phase("untimed", list(jobs), [tuple(share) for share in shares])
                if self._options.timing and not self._stopping:
                    rest = [job for job in jobs if job.number not in self._outcomes.over]
                    self._phase("timed", rest, [None])
        finally:
            for key in self._claims.values():
                claim.give_back(self._root, key)
        over = self._outcomes.over
        self._outcomes.left_open = [job for job in jobs if job.number not in over]
        return self._outcomes

    def _phase(self, half: Half, jobs: list[Job], shares: list[tuple[int, ...] | None]) -> None:
        queue, later = deque(jobs), deque[Job]()
        workers = [self._start(f"{half} {i + 1}", share) for i, share in enumerate(shares) if jobs]
        try:
            while workers and (queue or later or any(w.task for w in workers)):
                try:
                    self._step(half, queue, later, workers, shares)
                except KeyboardInterrupt:
                    if self._stopping:
                        raise
                    self._stopping = True
                    self._hear({"event": "stopping"})
                if self._stopping and not any(w.task for w in workers):
                    break
        finally:
            for worker in workers:
                self._selector.unregister(worker.events)
                worker.kill()

    def _step(
        self,
        half: Half,
        queue: deque[Job],
        later: deque[Job],
        workers: list[Worker],
        shares: list[tuple[int, ...] | None],
    ) -> None:
        for worker in workers:
            if worker.ready and worker.task is None and queue and not self._stopping:
                worker.task = Task(queue.popleft(), half)
                self._hear(self._about(worker, {"event": "started"}))
                worker.tell(worker.task.line())
        for key, _ in self._selector.select(_LOOK_SECONDS):
            worker = cast(Worker, key.data)
            data = key.fileobj.read1(1 << 16)  # type: ignore[union-attr]
            if not data:
                self._died(worker, half, queue, workers, shares)
                continue
            *lines, worker.rest = (worker.rest + data).split(b"\n")
            for line in lines:
                self._heard(worker, json.loads(line), later)
        self._keep_claims()
        if later and not queue and not any(w.task for w in workers):
            time.sleep(_LOOK_SECONDS)  # somebody else measures all that is left
            queue.extend(later)
            later.clear()

    def _heard(self, worker: Worker, event: dict[str, Any], later: deque[Job]) -> None:
        kind, task = event.get("event"), worker.task
        if kind == "ready":
            worker.ready = True
        elif kind == "claim":
            self._grant(worker, event)
            return
        elif task is not None and kind in {"done", "half", "error", "claimed"}:
            number = task.job.number
            if kind == "done":
                self._outcomes.records[number] = str(event["path"])
            elif kind == "error":
                self._outcomes.errors[number] = (str(event["text"]), int(event["exit_code"]))
            elif kind == "claimed" and not self._comes_later(number, task.half):
                later.append(task.job)
            if kind in {"done", "error"} and number in self._claims:
                claim.give_back(self._root, self._claims.pop(number))
            worker.task = None
            self._hear({**self._about(worker, event), "label": task.job.label})
            return
        self._hear(self._about(worker, event))

    def _grant(self, worker: Worker, event: dict[str, Any]) -> None:
        key, number = str(event["key"]), int(event["number"])
        if self._claims.get(number) == key:
            worker.tell(b"granted\n")
            return
        cell = worker.task.job.cell if worker.task else ""
        mine = key in self._claims.values()  # the same content twice in one command
        (self._twins.add if mine else self._twins.discard)(number)
        owner = None if mine else claim.take(self._root, key, cell)
        if mine or owner is not None:
            if owner is not None:
                told = {"event": "waiting", "for": owner.sentence}
                self._hear(self._about(worker, told))
            worker.tell(b"refused\n")
            return
        self._claims[number] = key
        worker.tell(b"granted\n")

    def _comes_later(self, number: int, half: Half) -> bool:
        """Whether the job is one whose twin is timed first: it is the next phase's."""
        return number in self._twins and half == "untimed" and self._options.timing

    def _keep_claims(self) -> None:
        now = time.monotonic()
        if now - self._beat > claim.BEAT_SECONDS:
            self._beat = now
            for key in self._claims.values():
                claim.beat(self._root, key)

    def _died(
        self,
        worker: Worker,
        half: Half,
        queue: deque[Job],
        workers: list[Worker],
        shares: list[tuple[int, ...] | None],
    ) -> None:
        self._selector.unregister(worker.events)
        how = worker.how_it_ended()
        place = workers.index(worker)
        if worker.task is not None:
            job = worker.task.job
            self._deaths[job.number] = self._deaths.get(job.number, 0) + 1
            self._hear(self._about(worker, {"event": "worker died", "how": how}))
            if self._deaths[job.number] >= DEATHS:
                self._outcomes.took_down[job.number] = how
            else:
                queue.appendleft(job)
        elif not worker.ready and not self._workers.fork_no_more(worker):
            del workers[place]
            raise UnavailableError(f"A worker ended with {how} before it could begin.")
        workers[place] = self._start(worker.name, shares[place])

    def _start(self, name: str, cores: tuple[int, ...] | None) -> Worker:
        worker = self._workers.start(name, cores)
        self._selector.register(worker.events, selectors.EVENT_READ, worker)
        return worker

    def _about(self, worker: Worker, event: dict[str, Any]) -> dict[str, Any]:
        task = worker.task
        about: dict[str, Any] = {"worker": worker.name}
        if task is not None:
            about |= {"label": task.job.label, "number": task.job.number, "half": task.half}
        return {**event, **about}
