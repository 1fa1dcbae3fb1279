"""Many submissions on many machines: Ray places the workers and starts them anew, this process
hands out jobs, holds claims and is the only one that writes.

As on one machine the first halves of all records fan out, and runtimes follow when those are done,
each under the lease of its device: Ray's own assignment binds one cluster only, so the file lease
of the node is taken as well.
"""

from __future__ import annotations

import time
from collections import deque
from dataclasses import replace
from functools import partial
from typing import Any

from esrbench.engines.cluster.content import Content, data_of, parcel_of
from esrbench.engines.cluster.crew import LOOK_SECONDS, Crew, Worker
from esrbench.engines.cluster.keep import keep, keep_pictures, read_back
from esrbench.engines.cluster.nodes import connected, hold_alike, probe, resources
from esrbench.engines.cluster.slot import Answer, Slot, torch_version
from esrbench.engines.halves import forget_half, keep_half, kept_half
from esrbench.engines.messages import Half
from esrbench.engines.outcomes import DEATHS, Hear, Outcomes
from esrbench.engines.plan import Job
from esrbench.errors import EsrbenchError, SubmissionError
from esrbench.judge.bench import Bench
from esrbench.judge.progress import Silent
from esrbench.judge.same_run import run_key
from esrbench.judge.score import Prepared, measured_before, prepare, reject
from esrbench.judge.weights import Weights
from esrbench.results import claim
from esrbench.results.seal import sealed_json


def _say_nothing(text: str) -> None:
    del text


class RayEngine:
    """Does jobs on a Ray cluster; use :meth:`run` once.

    Raises UnavailableError where no cluster answers, UsageError for nodes that differ in esrbench
    or torch.
    """

    def __init__(
        self,
        bench: Bench,
        hear: Hear,
        *,
        address: str = "auto",
        workers: int | None = None,
        ship_data: bool = False,
        allow_mixed: bool = False,
        wait_for_nodes: float = 600.0,
    ) -> None:
        import torch

        self._bench, self._hear = bench, hear
        self._most, self._patience = workers, wait_for_nodes
        self._mixed, self._torch = allow_mixed, torch_version()
        self._judge_threads = torch.get_num_threads()
        self._ray = connected(address)
        self._machine = bench.options.machine
        facts = probe(self._ray, self._machine)
        hold_alike(facts, self._torch, allow_mixed=allow_mixed)
        self._nodes = len(facts)
        devices = {fact.device for fact in facts}
        if len(devices) == 1:
            bench.device.name = devices.pop()  # what is measured already is measured there
        self._options = replace(bench.options, progress=Silent(), say=_say_nothing)
        self._data = self._ray.put(self._shipped()) if ship_data else None
        self._outcomes = Outcomes()
        self._prepared: dict[int, Prepared] = {}
        self._keys: dict[int, str] = {}
        self._lost: dict[int, int] = {}
        self._twins: list[Job] = []
        self._beat = 0.0
        self._stopping = False

    @property
    def side_by_side(self) -> int:
        """As many as were asked for; else one a node, at least."""
        return self._most or self._nodes

    def run(self, jobs: tuple[Job, ...]) -> Outcomes:
        """Do ``jobs`` in their order; what is left when a person stops it, or when no node is left
        that could do it, stays open."""
        try:
            self._phase("untimed", jobs)
            if self._bench.options.timing and not self._stopping:
                rest = [job for job in jobs if job.number not in self._outcomes.over]
                self._phase("timed", rest)
        finally:
            for key in self._keys.values():
                claim.give_back(self._bench.store.root, key)
        self._find_twins()
        over = self._outcomes.over
        self._outcomes.left_open = [job for job in jobs if job.number not in over]
        return self._outcomes

    def _phase(self, half: Half, jobs: tuple[Job, ...] | list[Job]) -> None:
        queue = deque(jobs)
        crew = Crew(
            self._ray,
            self._machine,
            half,
            start=partial(self._actor, half),
            admit=lambda facts: hold_alike([facts], self._torch, allow_mixed=self._mixed),
            lost=partial(self._node_lost, queue),
            tell=self._tell,
            most=self._most,
            patience=self._patience,
        )
        try:
            while queue or crew.at_work:
                try:
                    if not crew.fit(len(queue)):
                        break
                    self._hand_out(half, queue, crew)
                    self._listen(half, queue, crew)
                except KeyboardInterrupt:
                    if self._stopping:
                        raise
                    self._stopping = True
                    self._hear({"event": "stopping"})
                if self._stopping and not crew.at_work:
                    break
        finally:
            crew.dismiss()

    def _find_twins(self) -> None:
        """What one measured is the other's record, too."""
        for job in self._twins:
            record = measured_before(self._prepare(job).who, self._bench)
            if record is not None and job.number not in self._outcomes.over:
                self._done(job, str(self._bench.store.path_of(record)))

    def _actor(self, half: Half) -> Any:
        return (
            self._ray.remote(Slot)
            .options(
                max_restarts=-1,
                max_task_retries=DEATHS - 1,
                scheduling_strategy="SPREAD",
                **resources(self._machine),
            )
            .remote(self._options, self._data, self._judge_threads, bound=half == "untimed")
        )

    def _hand_out(self, half: Half, queue: deque[Job], crew: Crew) -> None:
        for worker in crew.idle():
            if not queue or self._stopping:
                break
            self._hand(worker, queue.popleft(), half)

    def _hand(self, worker: Worker, job: Job, half: Half) -> None:
        root = self._bench.store.root
        try:
            prepared = self._prepare(job)
            submission = job.submission()
            parcel = parcel_of(job, submission, _checkpoint(prepared))
        except SubmissionError as why:
            self._reject(job, why)
            return
        except EsrbenchError as why:
            self._outcomes.errors[job.number] = (str(why), why.exit_code)
            self._hear({**_about(worker, job, half), "event": "error", "text": str(why)})
            return
        key = run_key(prepared.who, self._bench)
        if self._keys.get(job.number) != key:
            if key in self._keys.values():
                self._twins.append(job)  # the same content twice in one command
                return
            if claim.take(root, key, job.cell) is not None:
                return  # somebody else measures it: it stays open, and the next command finds it
            self._keys[job.number] = key
        first = kept_half(root, key)
        if half == "untimed" and first is not None and not self._bench.options.again:
            return
        images = {
            d.name: self._bench.sets.known_sha256(d) for d in self._bench.sets.at(submission.scale)
        }
        told = sealed_json(first).encode() if first is not None and half == "timed" else None
        if half == "timed" and told is None:
            return
        self._hear({**_about(worker, job, half), "event": "started"})
        worker.job = job
        worker.task = worker.actor.do.remote(job, parcel, half, told, images)

    def _prepare(self, job: Job) -> Prepared:
        if job.number not in self._prepared:
            self._prepared[job.number] = prepare(job.submission(), self._bench, entered=job.entry)
        return self._prepared[job.number]

    def _reject(self, job: Job, why: SubmissionError) -> None:
        scale = job.scale or self._bench.options.protocol.scale
        record = reject(job.path, scale, why, self._bench, entered=job.entry)
        self._done(job, str(self._bench.store.path_of(record)))

    def _listen(self, half: Half, queue: deque[Job], crew: Crew) -> None:
        tasks = crew.at_work
        self._keep_claims()
        if not tasks:
            time.sleep(LOOK_SECONDS if queue else 0.0)
            return
        ready, _ = self._ray.wait(list(tasks), timeout=LOOK_SECONDS)
        for ref in ready:
            worker = tasks[ref]
            job, worker.task, worker.job = worker.job, None, None
            assert job is not None
            try:
                answer: Answer = self._ray.get(ref)
            except self._ray.exceptions.RayActorError as why:
                if crew.node_is_gone(worker, why):
                    self._node_lost(queue, worker, job)
                else:
                    self._outcomes.took_down[job.number] = str(why).splitlines()[0][:200]
                continue
            except self._ray.exceptions.RayError as why:
                self._fail(worker, job, half, str(why).splitlines()[-1], 3)
                continue
            try:
                self._take(worker, job, half, answer)
            except EsrbenchError as why:
                self._fail(worker, job, half, str(why), why.exit_code)

    def _take(self, worker: Worker, job: Job, half: Half, answer: Answer) -> None:
        if answer.error is not None or answer.record is None:
            text, code = answer.error or ("A node answered nothing.", 3)
            self._fail(worker, job, half, text, code)
            return
        record = read_back(answer.record, self._prepared[job.number].who)
        root, key = self._bench.store.root, self._keys[job.number]
        if half == "untimed" and self._bench.options.timing and record.status == "ok":
            keep_pictures(self._bench.store, record, answer.pictures or {})
            keep_half(root, key, record)
            self._hear({**_about(worker, job, half), "event": "half"})
            return
        path = keep(self._bench.store, record, answer.pictures or {})
        forget_half(root, key)
        self._done(job, str(path))

    def _done(self, job: Job, path: str) -> None:
        self._outcomes.records[job.number] = path
        if job.number in self._keys:
            claim.give_back(self._bench.store.root, self._keys.pop(job.number))
        self._hear({"event": "done", "path": path, "number": job.number, "label": job.label})

    def _fail(self, worker: Worker, job: Job, half: Half, text: str, code: int) -> None:
        self._outcomes.errors[job.number] = (text, code)
        self._hear({**_about(worker, job, half), "event": "error", "text": text})

    def _node_lost(self, queue: deque[Job], worker: Worker, job: Job) -> None:
        how = "its node left the cluster, or answers no more"
        self._hear({"event": "worker died", "how": how, "label": job.label, "worker": worker.name})
        self._lost[job.number] = self._lost.get(job.number, 0) + 1
        if self._lost[job.number] >= DEATHS:
            self._outcomes.took_down[job.number] = how
        else:
            queue.appendleft(job)

    def _keep_claims(self) -> None:
        if time.monotonic() - self._beat > claim.BEAT_SECONDS:
            self._beat = time.monotonic()
            for key in self._keys.values():
                claim.beat(self._bench.store.root, key)

    def _shipped(self) -> Content | None:
        """The images of all sets that lie below the data folder, for judges only."""
        root = self._bench.options.data_root
        if root is None:
            return None
        sets = self._bench.sets.at(self._bench.options.protocol.scale)
        pairs = [pair for dataset in sets for pair in dataset.pairs]
        return data_of([path for p in pairs for path in (p.hr_path, p.lr_path)], root)

    def _tell(self, text: str) -> None:
        self._hear({"event": "say", "text": text})


def _checkpoint(prepared: Prepared) -> Any:
    weights = prepared.weights
    if not isinstance(weights, Weights):
        raise weights
    return weights.path


def _about(worker: Worker, job: Job, half: Half) -> dict[str, Any]:
    return {"worker": worker.name, "label": job.label, "number": job.number, "half": half}
