"""A plan, done: what was measured before is skipped, the rest goes to the engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from esrbench.engines.local import DEATHS, LocalEngine, Outcomes
from esrbench.engines.plan import Job
from esrbench.engines.progress import Display
from esrbench.errors import EsrbenchError, SubmissionError
from esrbench.judge.assemble import Outcome, assemble
from esrbench.judge.bench import Bench
from esrbench.judge.score import measured_before, prepare
from esrbench.judge.who import who_is, who_was_meant
from esrbench.results.record import RunRecord
from esrbench.results.store import read_record


@dataclass
class Ran:
    """How the jobs ended."""

    records: list[RunRecord] = field(default_factory=list)
    """In the order the jobs were given."""
    errors: list[tuple[str, int]] = field(default_factory=list)
    """Sentences on what was no submission's fault, each with its exit code."""
    left_open: list[Job] = field(default_factory=list)


def run(
    jobs: tuple[Job, ...],
    bench: Bench,
    *,
    workers: int,
    events: Path | None = None,
    heard: Callable[[RunRecord], None] = lambda record: None,
) -> Ran:
    """Do ``jobs`` with ``workers`` processes; ``heard`` is told each record when it is there.

    Raises UnavailableError for a results folder or an events file that cannot be written.
    """
    bench.store.ensure_writable()
    ran, by_number = Ran(), dict[int, RunRecord]()
    waiting: list[Job] = []
    for job in jobs:
        earlier = None if bench.options.again else _earlier(job, bench)
        if earlier is None:
            waiting.append(job)
        else:
            by_number[job.number] = earlier
            heard(earlier)
    ends = Outcomes()
    with Display(len(waiting), events) as display:

        def hear(event: dict[str, object]) -> None:
            display.hear(event)
            if event.get("event") == "done":
                record = read_record(Path(str(event["path"])))
                by_number[int(str(event["number"]))] = record
                heard(record)

        if waiting:
            ends = LocalEngine(bench.options, workers, hear).run(tuple(waiting))
    for number, record in _taken_down(ends, waiting, bench):
        by_number[number] = record
        heard(record)
    ran.records = [by_number[job.number] for job in jobs if job.number in by_number]
    ran.errors = list(ends.errors.values())
    ran.left_open = ends.left_open
    return ran


def _earlier(job: Job, bench: Bench) -> RunRecord | None:
    """The record that stands already; what is wrong with a submission, its worker will say."""
    try:
        submission = job.submission()
        return measured_before(prepare(submission, bench).who, bench)
    except EsrbenchError:
        return None


def _taken_down(ends: Outcomes, jobs: list[Job], bench: Bench) -> Iterator[tuple[int, RunRecord]]:
    """The rows of those that no worker survived."""
    for job in jobs:
        if job.number not in ends.took_down:
            continue
        try:
            submission = job.submission()
            who = who_is(submission, None, bench)
        except SubmissionError:
            who = who_was_meant(job.path, job.scale or bench.options.protocol.scale, bench)
        why = f"It took its worker down {DEATHS} times (the last: {ends.took_down[job.number]})."
        record = assemble(who, [], Outcome("failed", why))
        bench.store.add(record)
        yield job.number, record
