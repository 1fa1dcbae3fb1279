"""The workers of one phase, watched: where they are, which have arrived, which are lost."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from esrbench.engines.cluster.nodes import alive, room
from esrbench.engines.cluster.slot import NodeFacts
from esrbench.engines.messages import Half
from esrbench.engines.outcomes import DEATHS
from esrbench.engines.plan import Job
from esrbench.errors import UnavailableError
from esrbench.judge.machine import Machine

LOOK_SECONDS = 1.0
_GONE = "gone"
"""Where a worker is whose node is there no more."""


@dataclass(eq=False)
class Worker:
    """One actor, where it is, and what it does now."""

    name: str
    actor: Any
    facts: Any
    """The pending answer of :meth:`Slot.facts`."""
    node: str | None = None
    task: Any = None
    """The pending answer of :meth:`Slot.do`."""
    job: Job | None = None


class Crew:
    """As many workers as the cluster has room and the phase has work for.

    ``start`` makes an actor, ``admit`` raises for one whose node may not take part, ``lost`` is
    told the job of a worker whose node went, ``tell`` hears sentences. ``most`` workers are made,
    and a cluster without any room is waited for ``patience`` seconds.
    """

    def __init__(
        self,
        ray: Any,
        machine: Machine,
        half: Half,
        *,
        start: Callable[[], Any],
        admit: Callable[[NodeFacts], None],
        lost: Callable[[Worker, Job], None],
        tell: Callable[[str], None],
        most: int | None,
        patience: float,
    ) -> None:
        self._ray, self._machine, self._half = ray, machine, half
        self._new, self._admit, self._lost, self._tell = start, admit, lost, tell
        self._most, self._patience = most, patience
        self._workers: list[Worker] = []
        self._made = self._false_starts = 0
        self._lonely_since: float | None = None

    @property
    def at_work(self) -> dict[Any, Worker]:
        """Those that have a task, by its pending answer."""
        return {worker.task: worker for worker in self._workers if worker.task is not None}

    def fit(self, queued: int) -> bool:
        """Make and dismiss workers for ``queued`` jobs and those at work; False when nobody is left
        to wait for."""
        nodes = room(alive(self._ray), self._machine)
        places = sum(nodes.values()) if self._half == "untimed" or self._on_gpu else len(nodes)
        gone = [w for w in self._workers if w.node is not None and w.node not in nodes]
        pending = [w for w in self._workers if w.node is None]
        surplus = max(0, len(self._workers) - len(gone) - places)
        for worker in [*gone, *pending[:surplus]]:
            self._workers.remove(worker)
            self._ray.kill(worker.actor, no_restart=True)
            if worker.job is not None:
                self._lost(worker, worker.job)
                queued += 1
        wanted = min(places, queued + len(self.at_work), self._most or places)
        while len(self._workers) < wanted:
            self._start()
        return bool(self._workers) or self._wait_for_a_node()

    def idle(self) -> Iterator[Worker]:
        """Those that are where they belong and have nothing to do, again until they have.

        Raises UnavailableError for workers that end before they are ready, or as ``admit`` does.
        """
        for worker in self._workers:
            if worker.node is None and self._ray.wait([worker.facts], timeout=0)[0]:
                self._arrived(worker)
            while worker.node and worker.task is None:
                yield worker

    def node_is_gone(self, worker: Worker, why: Exception) -> bool:
        """Whether ``worker`` died with its node; it is then no more given anything.

        A node that goes is first one that does not answer, and gone a little later.
        """
        silent = isinstance(why, self._ray.exceptions.ActorUnavailableError)
        if silent or worker.node not in alive(self._ray):
            worker.node = _GONE
            return True
        return False

    def dismiss(self) -> None:
        """End all of them."""
        for worker in self._workers:
            self._ray.kill(worker.actor, no_restart=True)
        self._workers.clear()

    @property
    def _on_gpu(self) -> bool:
        return self._machine.device.startswith("cuda")

    def _start(self) -> None:
        self._lonely_since = None
        self._made += 1
        actor = self._new()
        self._workers.append(Worker(f"{self._half} {self._made}", actor, actor.facts.remote()))

    def _arrived(self, worker: Worker) -> None:
        try:
            facts: NodeFacts = self._ray.get(worker.facts)
        except self._ray.exceptions.RayActorError as why:
            self._false_starts += 1
            if self._false_starts >= DEATHS:
                raise UnavailableError(
                    f"Workers end before they are ready: {str(why).splitlines()[-1]}"
                ) from None
            worker.facts = worker.actor.facts.remote()
            return
        self._false_starts = 0
        self._admit(facts)
        worker.node = facts.node

    def _wait_for_a_node(self) -> bool:
        now = time.monotonic()
        if self._lonely_since is None:
            self._lonely_since = now
            kind = "GPU" if self._on_gpu else f"{self._machine.threads} CPUs"
            self._tell(
                f"No node with a free {kind} is in the cluster; waiting {self._patience:g} s for "
                "one (--wait-for-nodes)."
            )
        time.sleep(LOOK_SECONDS)
        return now - self._lonely_since < self._patience
