"""A worker on a node: cores of its own, one bench, and records that go back as bytes."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from esrbench.engines.cluster.content import Content, Parcel
from esrbench.engines.messages import Half
from esrbench.engines.plan import Job
from esrbench.errors import EsrbenchError, SubmissionError, UnavailableError
from esrbench.judge.options import Options
from esrbench.judge.provenance import VERSION, harness_commit
from esrbench.results.record import RunRecord
from esrbench.results.seal import sealed_json
from esrbench.timing.device_lock import hold_free_cores
from esrbench.timing.environment import device_name

if TYPE_CHECKING:
    from esrbench.judge.bench import Bench


@dataclass(frozen=True)
class NodeFacts:
    """What must be equal on all nodes, and what may differ and goes into records."""

    node: str
    """Ray's id of the node, for the driver alone."""
    host: str
    harness: str
    torch: str
    device: str


@dataclass(frozen=True)
class Answer:
    """What a task came to."""

    record: bytes | None = None
    """The record's JSON."""
    pictures: Mapping[str, bytes] | None = None
    error: tuple[str, int] | None = None
    """What was no submission's fault, with the exit code it stands for."""


def harness() -> str:
    """Version and commit of the esrbench that runs here."""
    return f"{VERSION} ({harness_commit() or 'no commit known'})"


def torch_version() -> str:
    """``2.6.0+cu124``: of the torch installed here, from its files, since importing takes long."""
    found = importlib.util.find_spec("torch")
    if found is None or found.origin is None:
        return "not installed"
    text = Path(found.origin).with_name("version.py").read_text(encoding="utf-8")
    told = re.search(r"^__version__\s*=\s*['\"]([^'\"]+)", text, re.MULTILINE)
    return told[1] if told else "unknown"


def node_facts(device: str, threads: int) -> NodeFacts:
    """Of the node that this runs on; as a task of Ray's."""
    import platform

    import ray

    return NodeFacts(
        node=ray.get_runtime_context().get_node_id(),
        host=platform.node(),
        harness=harness(),
        torch=torch_version(),
        device=device_name(device, threads),
    )


def _at_the_usual_priority() -> None:
    """Ray runs workers at niceness 15, where whatever else the node does comes first.

    Only root may take that back; ``RAY_worker_niceness=0`` for ``ray start`` spares it.
    """
    with contextlib.suppress(OSError, AttributeError):
        os.setpriority(os.PRIO_PROCESS, 0, 0)


class Slot:
    """One worker; Ray makes it an actor, and makes it anew where it dies."""

    def __init__(
        self, options: Options, data: Content | None, judge_threads: int, *, bound: bool
    ) -> None:
        self._scratch = tempfile.TemporaryDirectory(prefix="esrbench-node-")
        scratch = Path(self._scratch.name)
        _at_the_usual_priority()
        threads = options.machine.threads
        self._cores = hold_free_cores(threads) if bound else None
        if self._cores is not None:
            # Ray and a bound process both make libraries use fewer threads, and LPIPS then differs
            # in its ninth decimal: as many as the driver's.
            import torch

            torch.set_num_threads(judge_threads)
            if hasattr(os, "sched_setaffinity"):
                os.sched_setaffinity(0, self._cores.cores)
        if data is not None:
            data.unpack(scratch / "data")
            options = replace(options, data_root=scratch / "data")
        self._options = replace(options, results=scratch / "results")
        self._bench: Bench | None = None

    def facts(self) -> NodeFacts:
        """Where it is and with what."""
        return node_facts(self._options.machine.device, self._options.machine.threads)

    def do(
        self, job: Job, parcel: Parcel, half: Half, first: bytes | None, images: Mapping[str, str]
    ) -> Answer:
        """One half of ``job``; the images here must have the sha256 ``images`` says.

        What the submission does wrong is in the record; nothing it does is raised here.
        """
        try:
            with tempfile.TemporaryDirectory(dir=self._scratch.name) as work:
                return self._do(job, parcel, half, first, images, Path(work))
        except EsrbenchError as why:
            return Answer(error=(str(why), why.exit_code))

    def _do(
        self,
        job: Job,
        parcel: Parcel,
        half: Half,
        first: bytes | None,
        images: Mapping[str, str],
        work: Path,
    ) -> Answer:
        from esrbench.engines.halves import timed_half, untimed_half
        from esrbench.judge.score import prepare, rejected

        parcel.content.unpack(work)
        bench = self._opened()
        here = parcel.job_in(job, work)
        try:
            submission = here.submission()
        except SubmissionError as why:
            scale = job.scale or self._options.protocol.scale
            return self._answer(rejected(here.path, scale, why, bench, entered=job.entry), bench)
        bench.scorers.at(submission.scale)  # with what the node has; then, with what was sent
        (work / "weights").mkdir(exist_ok=True)
        bench.options = replace(bench.options, weights_dir=work / "weights", offline=True)
        prepared = prepare(submission, bench, entered=job.entry)
        for dataset in bench.sets.at(submission.scale):
            found, wanted = bench.sets.known_sha256(dataset), images.get(dataset.name)
            if wanted != found:
                raise UnavailableError(
                    f"{dataset.name} on this node ({bench.device.name}) is not the driver's: "
                    f"sha256 {found[:12]}, not {(wanted or 'none')[:12]}; copy it anew, or "
                    "--ship-data."
                )
        if half == "untimed":
            return self._answer(untimed_half(prepared, bench), bench)
        assert first is not None
        return self._answer(
            timed_half(prepared, RunRecord.model_validate_json(first), bench), bench
        )

    def _opened(self) -> Bench:
        """The bench, opened once, with the node's own options."""
        from esrbench.judge.bench import Bench

        if self._bench is None:
            self._bench = Bench(self._options)
            self._options = self._bench.options
        self._bench.options = self._options
        return self._bench

    def _answer(self, record: RunRecord, bench: Bench) -> Answer:
        root = bench.store.root
        names = [name for p in record.pictures for name in (p.lr, p.sr, p.hr)]
        pictures = {name: (root / name).read_bytes() for name in names if (root / name).is_file()}
        return Answer(record=sealed_json(record).encode(), pictures=pictures)
