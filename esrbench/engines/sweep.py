"""Checkpoint after checkpoint of one architecture, one runner for all of them."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from esrbench.engines.checkpoints import Checkpoint
from esrbench.engines.run import Ran
from esrbench.errors import SubmissionError, UsageError, nearest
from esrbench.judge.bench import Bench
from esrbench.judge.passing import Passing
from esrbench.judge.score import reject, score
from esrbench.quantities import metrics
from esrbench.results.record import RunRecord, Swept
from esrbench.results.swept import Choose
from esrbench.submission.find import find
from esrbench.submission.submission import Submission
from esrbench.submission.weights import CHECKPOINT_SUFFIXES

Heard = Callable[[RunRecord], None]


@dataclass(frozen=True)
class Architecture:
    """What every checkpoint of a sweep is a state of, as it was typed."""

    path: str
    variant: str | None = None
    scale: int | None = None

    def of(self, checkpoint: Checkpoint) -> Submission:
        """The submission with that checkpoint, a variant of it by the run's name; raises as
        ``find``."""
        found = find(self.path, variant=self.variant, scale=self.scale, checkpoint=checkpoint.path)
        run = re.sub(r"[^A-Za-z0-9_.-]+", "-", checkpoint.run).strip("-._") or "run"
        return replace(found, variant=f"{found.variant}-{run}" if found.variant else run)


@dataclass(frozen=True)
class Rule:
    """Which checkpoint of a run stands in the table."""

    choose: Choose
    by: str
    """``psnr_y:Set5``."""

    def of(self, checkpoint: Checkpoint) -> Swept:
        """What the record of ``checkpoint`` says of it."""
        metric = metrics.described(self.by.partition(":")[0])
        return Swept(
            run=checkpoint.run,
            step=checkpoint.step,
            choose=self.choose,
            by=self.by,
            called=metric.label,
            upwards=metric.direction == "higher",
        )


def rule(text: str | None, bench: Bench) -> Rule:
    """``last``, ``best`` or ``best:psnr_y:Set5`` as a rule; by default the best by the figure that
    rows are ranked by, or by the first of the protocol. Raises UsageError."""
    protocol = bench.options.protocol
    usual = protocol.rank_by
    metric, dataset = protocol.metrics[0], protocol.datasets[0]
    if usual is not None and usual.dataset in protocol.datasets:
        metric, dataset = usual.metric, usual.dataset
    word, _, by = (text or "best").partition(":")
    if word not in ("best", "last") or (by and word == "last"):
        raise UsageError(f"--choose {text}: use best, last or best:METRIC:DATASET.")
    if by:
        metric, _, dataset = by.partition(":")
        metric = metrics.metric_named(metric, "y") or metric
        for name, known, what in (
            (metric, protocol.metrics, "metric"),
            (dataset, protocol.datasets, "dataset"),
        ):
            if name not in known:
                raise UsageError(
                    f"--choose {text}: {protocol.name} has no {what} {name!r}{nearest(name, known)}"
                )
    return Rule("best" if word == "best" else "last", f"{metric}:{dataset}")


def sweep(
    found: Sequence[Checkpoint],
    architecture: Architecture,
    chosen: Rule,
    bench: Bench,
    heard: Heard,
) -> Ran:
    """Score each of ``found`` and keep its record; one that fails costs its own row.

    Raises UsageError where the architecture itself is not there.
    """
    ran = Ran()
    with Passing([one.path for one in found], bench) as passing:
        for one in found:
            try:
                submission = architecture.of(one)
                record = score(submission, bench, swept=chosen.of(one), asked=passing.phases)
            except SubmissionError as why:
                scale = architecture.scale or bench.options.protocol.scale
                record = reject(str(one.path), scale, why, bench)
            ran.add(record, bench.store.file_of(record))
            heard(record)
    return ran


def arrivals(
    folder: Path, known: Collection[Path], *, every: float, patience: float | None
) -> Iterator[list[Path]]:
    """Checkpoints that come to lie below ``folder``, each once and when it is whole: of the same
    size at two looks, ``every`` seconds apart. Ends when none came for ``patience`` seconds.
    """
    given, sizes = {path.resolve() for path in known}, dict[Path, int]()
    last = time.monotonic()
    while patience is None or time.monotonic() - last < patience:
        here = _sizes(folder)
        whole = [p for p, size in here.items() if p not in given and size and sizes.get(p) == size]
        sizes = here
        if whole:
            given.update(whole)
            yield sorted(whole)
            last = time.monotonic()
        time.sleep(every)


def _sizes(folder: Path) -> dict[Path, int]:
    found = {}
    for path in folder.rglob("*"):
        if path.suffix in CHECKPOINT_SUFFIXES and not path.name.startswith("."):
            try:
                found[path.resolve()] = path.stat().st_size
            except OSError:
                continue  # gone again: a trainer keeps its newest few
    return found
