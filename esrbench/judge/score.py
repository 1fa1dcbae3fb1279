"""The main job: one submission in, one record out.

The judge never imports a submission. It starts a runner, asks it for SR images, counts and times,
holds what comes back against what it can see from outside, and writes all of it down.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from esrbench.errors import SubmissionError
from esrbench.judge.assemble import Outcome, assemble
from esrbench.judge.bench import Bench
from esrbench.judge.estimate import SECONDS
from esrbench.judge.parts import Part, kind_of
from esrbench.judge.phase import PhaseFailed
from esrbench.judge.phases import phases
from esrbench.judge.same_run import newcomer, rejected_already, run_key, same_run
from esrbench.judge.weights import Weights, weights_at_hand
from esrbench.judge.who import Who, who_is, who_was_meant
from esrbench.results.claim import claimed
from esrbench.results.namesakes import namesakes, revised
from esrbench.results.reading import read_record
from esrbench.results.record import RUN_SECONDS, ChallengeEntry, RunRecord, Swept
from esrbench.submission.submission import Submission
from esrbench.submission.weights import choose_weights


@dataclass(frozen=True)
class Prepared:
    """A submission that is about to be measured."""

    submission: Submission
    weights: Weights | SubmissionError
    """The error of a checkpoint that is wrong."""
    who: Who


Phases = Callable[[Submission, Weights, Who, Bench], Iterable[Part]]


def score(
    submission: Submission,
    bench: Bench,
    *,
    entered: ChallengeEntry | None = None,
    swept: Swept | None = None,
    asked: Phases = phases,
) -> RunRecord:
    """Measure ``submission`` and keep the record, whatever the outcome.

    ``entered``: which entry of a challenge it is; ``swept``: which checkpoint of a training run.
    ``asked``: what is asked of it.

    What the submission does wrong ends in the record's status and reason. Raises EsrbenchError
    only for what is wrong with the machine, the data or the results folder.
    """
    prepared = prepare(submission, bench, entered=entered, swept=swept)
    who, root = prepared.who, bench.store.root
    cell = entered.cell if entered else who.label
    with claimed(root, run_key(who, bench), bench.waits_for(who.label), of=cell) as waited:
        earlier = measured_before(who, bench) if waited or not bench.options.again else None
        return earlier or _kept(measure(prepared, bench, asked), bench)


def prepare(
    submission: Submission,
    bench: Bench,
    *,
    entered: ChallengeEntry | None = None,
    swept: Swept | None = None,
) -> Prepared:
    """Find the weights and say who it is; what is not there is told before anything is measured.

    Raises EsrbenchError for a wrong choice or what is wrong with the data.
    """
    options = bench.options
    if submission.taken_for and swept is None:
        options.say(f"{submission.label}: {submission.taken_for}")
    bench.sets.at(submission.scale)
    folder, offline = options.weights_dir, options.offline
    submission = choose_weights(submission, options.weights, weights_dir=folder, offline=offline)
    weights: Weights | SubmissionError
    try:
        weights = weights_at_hand(submission, weights_dir=folder, offline=offline)
    except SubmissionError as why:
        weights = why
    who = who_is(submission, weights if isinstance(weights, Weights) else None, bench)
    who = replace(who, challenge=entered, swept=swept)
    new = newcomer(who)
    # A team's versions follow each other, and so do a run's: nobody is asked which one stands.
    if entered is None and swept is None:
        if options.revises is not None:
            who = replace(who, revises=revised(options.revises, new, bench.store))
        else:
            for sentence in namesakes(new, bench.store):
                options.say(sentence)
    return Prepared(submission, weights, who)


def reject(
    path: str,
    scale: int,
    why: SubmissionError,
    bench: Bench,
    *,
    entered: ChallengeEntry | None = None,
) -> RunRecord:
    """Keep the row of a submission whose manifest or code cannot even be read."""
    record = rejected(path, scale, why, bench, entered=entered)
    earlier = None if bench.options.again else rejected_already(record, str(why), bench)
    return earlier or _kept(record, bench)


def rejected(
    path: str,
    scale: int,
    why: SubmissionError,
    bench: Bench,
    *,
    entered: ChallengeEntry | None = None,
) -> RunRecord:
    """Such a row, kept by nobody yet."""
    who = replace(who_was_meant(path, scale, bench), challenge=entered)
    who = replace(who, submission=entered.team) if entered else who
    return assemble(who, [], Outcome("rejected", str(why)))


def measured_before(who: Who, bench: Bench) -> RunRecord | None:
    """The record of the same run that stands already; what is said of it is said."""
    answer = same_run(who, bench)
    if answer.measured is None:
        if answer.why_not:
            bench.options.say(f"{who.label}: {answer.why_not}; it is measured.")
        return None
    bench.options.say(answer.measured.sentence)
    earlier = answer.measured.record
    known = (earlier.revises, earlier.challenge, earlier.swept)
    said = (who.revises, who.challenge, who.swept)
    if all(one in (None, other) for one, other in zip(said, known, strict=True)):
        return earlier
    # The same measurement, with what it is a revision, an entry or a checkpoint of.
    told = {"id": who.id, "revises": who.revises, "challenge": who.challenge, "swept": who.swept}
    return _kept(earlier.model_copy(update=told), bench)


def measure(prepared: Prepared, bench: Bench, asked: Phases = phases) -> RunRecord:
    """The record of going through the phases; one that fails ends them, and the record says how."""
    begun = time.monotonic()
    parts, outcome = gather(prepared, bench, asked)
    took = {RUN_SECONDS: round(time.monotonic() - begun, 3)}
    who = prepared.who
    return assemble(replace(who, environment={**who.environment, **took}), parts, outcome)


def gather(prepared: Prepared, bench: Bench, asked: Phases) -> tuple[list[Part], Outcome]:
    """What the phases found until the end, or until one failed."""
    weights = prepared.weights
    if isinstance(weights, SubmissionError):
        return [], Outcome("rejected", str(weights))
    parts: list[Part] = []
    outcome = Outcome(reason=weights.why_none)
    began = time.monotonic()
    took: dict[str, float] = {}
    try:
        for part in asked(prepared.submission, weights, prepared.who, bench):
            parts.append(part)
            now = time.monotonic()
            took[kind_of(part)] = took.get(kind_of(part), 0.0) + now - began
            began = now
    except PhaseFailed as failure:
        outcome = Outcome(failure.status, failure.sentence)
    finally:
        bench.options.progress.end()
    seconds = {name: round(value, 1) for name, value in took.items()}
    return [*parts, Part(environment={SECONDS: seconds})], outcome


def latest_here(bench: Bench) -> RunRecord | None:
    """The newest record that was measured on this device, for how long things take here."""
    for path, entry in bench.store.newest_first():
        if entry.device == bench.device.name and entry.measured:
            return read_record(path)
    return None


def _kept(record: RunRecord, bench: Bench) -> RunRecord:
    bench.store.add(record)
    return record
