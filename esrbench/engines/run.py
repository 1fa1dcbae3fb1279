"""Jobs, done: what was measured before is skipped, the rest goes to an engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from esrbench.engines.ahead import ahead
from esrbench.engines.outcomes import DEATHS, Hear, Outcomes
from esrbench.engines.plan import Job
from esrbench.engines.progress import Display
from esrbench.errors import EsrbenchError, SubmissionError
from esrbench.judge.assemble import Outcome, assemble
from esrbench.judge.bench import Bench
from esrbench.judge.parts import Part
from esrbench.judge.phases import phases
from esrbench.judge.score import measured_before, prepare, reject, score
from esrbench.judge.weights import Weights
from esrbench.judge.who import Who, who_was_meant
from esrbench.results.record import RunRecord
from esrbench.results.store import read_record
from esrbench.submission.submission import Submission


class Engine(Protocol):
    """Does jobs side by side, once."""

    @property
    def side_by_side(self) -> int:
        """How many it does at a time."""

    def run(self, jobs: tuple[Job, ...]) -> Outcomes:
        """Do ``jobs``; what is left when a person stops it stays open."""


Engines = Callable[[Bench, Hear], Engine]
"""Makes an engine for a command's bench; it tells what happens to its second argument."""


@dataclass
class Ran:
    """How the jobs ended."""

    records: list[RunRecord] = field(default_factory=list)
    """In brief, as the jobs were given: what a command holds does not grow with images."""
    files: list[Path] = field(default_factory=list)
    """Where each of them is whole."""
    errors: list[tuple[str, int]] = field(default_factory=list)
    """Sentences on what was no submission's fault, each with its exit code."""
    left_open: list[Job] = field(default_factory=list)

    def add(self, record: RunRecord, file: Path) -> None:
        """One more record, which is in ``file``."""
        self.records.append(record.in_brief())
        self.files.append(file)

    def extend(self, other: Ran) -> None:
        """All of another's."""
        self.records += other.records
        self.files += other.files
        self.errors += other.errors
        self.left_open += other.left_open


def _nobody(record: RunRecord) -> None:
    del record


def run_here(
    jobs: Sequence[Job], bench: Bench, heard: Callable[[RunRecord], None] = _nobody
) -> Ran:
    """Do ``jobs`` in this process, one after the other; what is wrong with it ends it."""
    ran, told = Ran(), False

    def asked(submission: Submission, weights: Weights, who: Who, on: Bench) -> Iterator[Part]:
        nonlocal told
        if not told:  # nothing before this one had to be measured
            told = True
            _say(ahead(jobs[len(ran.records) :], on), on)
        return phases(submission, weights, who, on)

    for job in jobs:
        try:
            record = score(job.submission(), bench, entered=job.entry, asked=asked)
        except SubmissionError as why:
            scale = job.scale or bench.options.protocol.scale
            record = reject(job.path, scale, why, bench, entered=job.entry)
        ran.add(record, bench.store.file_of(record))
        heard(record)
    return ran


def run_with(
    engines: Engines,
    jobs: Sequence[Job],
    bench: Bench,
    *,
    events: Path | None = None,
    heard: Callable[[RunRecord], None] = _nobody,
) -> Ran:
    """Do ``jobs`` with an engine; ``heard`` is told each record when it is there.

    Raises UnavailableError for a results folder or an events file that cannot be written.
    """
    bench.store.ensure_writable()
    ran, by_number = Ran(), dict[int, tuple[RunRecord, Path]]()
    waiting: list[Job] = []
    ends = Outcomes()
    with Display(events) as display:

        def hear(event: dict[str, object]) -> None:
            display.hear(event)
            if event.get("event") == "done":
                file = Path(str(event["path"]))
                record = read_record(file)
                by_number[int(str(event["number"]))] = record.in_brief(), file
                heard(record)

        engine = engines(bench, hear)  # first: it may know what the device is
        for job in jobs:
            earlier = None if bench.options.again else _earlier(job, bench)
            if earlier is None:
                waiting.append(job)
            else:
                by_number[job.number] = earlier.in_brief(), bench.store.file_of(earlier)
                heard(earlier)
        display.total = len(waiting)
        if waiting:
            _say(ahead(waiting, bench, side_by_side=engine.side_by_side), bench)
            ends = engine.run(tuple(waiting))
    for number, record in _taken_down(ends, waiting, bench):
        by_number[number] = record, bench.store.file_of(record)
        heard(record)
    for job in jobs:
        if job.number in by_number:
            ran.add(*by_number[job.number])
    ran.errors = list(ends.errors.values())
    ran.left_open = ends.left_open
    return ran


def _say(sentence: str | None, bench: Bench) -> None:
    if sentence is not None:
        bench.options.say(sentence)


def _earlier(job: Job, bench: Bench) -> RunRecord | None:
    """The record that stands already; what is wrong with a submission, its worker will say."""
    try:
        who = prepare(job.submission(), bench, entered=job.entry).who
        return measured_before(who, bench)
    except EsrbenchError:
        return None


def _taken_down(ends: Outcomes, jobs: list[Job], bench: Bench) -> Iterator[tuple[int, RunRecord]]:
    """The rows of those that no worker survived."""
    for job in jobs:
        if job.number not in ends.took_down:
            continue
        try:
            who = prepare(job.submission(), bench, entered=job.entry).who
        except SubmissionError:
            who = who_was_meant(job.path, job.scale or bench.options.protocol.scale, bench)
        why = f"It took its worker down {DEATHS} times (the last: {ends.took_down[job.number]})."
        record = assemble(who, [], Outcome("failed", why))
        bench.store.add(record)
        yield job.number, record
