"""From what a person typed to jobs: plain data that any worker can do."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from esrbench.errors import EsrbenchError, SubmissionError, UsageError
from esrbench.results.record import ChallengeEntry
from esrbench.submission.find import find, list_variants
from esrbench.submission.formats.repository.listing import SeveralError
from esrbench.submission.submission import Submission

Order = Literal["given", "short"]


@dataclass(frozen=True)
class Job:
    """One submission, in one variant, to be measured."""

    number: int
    """Its place in what was typed, from 0."""
    path: str
    variant: str | None
    scale: int | None
    label: str
    weight_bytes: int = 0
    """Of its checkpoint as far as it is at hand: what ``short`` orders by."""
    checkpoint: str | None = None
    """A file to take the weights from instead of those that it names."""
    entered: dict[str, Any] | None = None
    """Which entry of a challenge it is, as plain data."""

    @property
    def entry(self) -> ChallengeEntry | None:
        """Which entry of a challenge it is; None for none."""
        return None if self.entered is None else ChallengeEntry.model_validate(self.entered)

    @property
    def cell(self) -> str:
        """What a claim on it is told by: ``TEAM/TRACK`` in a challenge, else its label."""
        return self.entry.cell if self.entry else self.label

    def submission(self) -> Submission:
        """What is to be measured; raises as ``find``.

        In a challenge a row is its team's, whatever the network calls itself, one version is one
        row, and what is no submission is a fault of the entry, not of who runs the challenge.
        """
        given = Path(self.checkpoint) if self.checkpoint else None
        try:
            found = find(self.path, variant=self.variant, scale=self.scale, checkpoint=given)
        except UsageError as why:
            if self.entry is None:
                raise
            raise SubmissionError(str(why)) from None
        return replace(found, name=self.entry.team, variant=None) if self.entry else found


@dataclass(frozen=True)
class Plan:
    """What is to be done."""

    jobs: tuple[Job, ...]
    faults: tuple[str, ...] = field(default=())
    """Sentences on what was typed and is no submission."""
    offered: str | None = None
    """What a repository holds, of which one is to be named; a fault, too."""


def plan(
    paths: Sequence[str],
    *,
    variant: str | None = None,
    scale: int | None = None,
    checkpoint: Path | None = None,
    shard: tuple[int, int] | None = None,
    order: Order = "given",
) -> Plan:
    """The jobs of ``paths``, one a variant for the variant ``all``.

    ``shard`` (i, n) takes every n-th. ``short`` puts those with the smallest checkpoints first, so
    that rows appear early. What is no submission is a fault; what is one and broken is a job, whose
    row will say so.
    """
    jobs: list[Job] = []
    faults: list[str] = []
    offered = None
    for path in paths:
        try:
            for name in _variants(path, variant):
                jobs.append(_job(len(jobs), path, name, scale, checkpoint))
        except UsageError as why:
            faults.append(str(why))
            offered = str(why) if isinstance(why, SeveralError) else None
    if shard is not None:
        jobs = [job for job in jobs if job.number % shard[1] == shard[0] % shard[1]]
    if order == "short":
        jobs.sort(key=lambda job: (job.weight_bytes, job.number))
    return Plan(tuple(jobs), tuple(faults), offered)


def parse_shard(text: str) -> tuple[int, int]:
    """``2/8`` as (2, 8); counted from 0 or from 1, as a Slurm array is. Raises UsageError."""
    match = re.fullmatch(r"(\d+)/(\d+)", text.strip())
    if match is None or int(match[2]) < 1 or int(match[1]) > int(match[2]):
        raise UsageError(
            f"--shard {text}: give I/N, as $SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT with an "
            "array from 0 to N-1 or from 1 to N."
        )
    return int(match[1]), int(match[2])


def _variants(path: str, variant: str | None) -> list[str | None]:
    if variant != "all":
        return [variant]
    try:
        return list_variants(path)
    except SubmissionError:
        return [None]  # whoever measures it finds the fault again, and keeps it


def _job(
    number: int, path: str, variant: str | None, scale: int | None, checkpoint: Path | None
) -> Job:
    from esrbench.judge.weights import weights_at_hand

    given = str(checkpoint.resolve()) if checkpoint else None
    job = Job(number, path, variant, scale, Path(path).stem or path, checkpoint=given)
    with contextlib.suppress(SubmissionError):
        found = job.submission()
        job = replace(job, label=found.label)
        with contextlib.suppress(EsrbenchError, OSError):
            weights = weights_at_hand(found, weights_dir=None).path
            job = replace(job, weight_bytes=weights.stat().st_size if weights else 0)
    return job
