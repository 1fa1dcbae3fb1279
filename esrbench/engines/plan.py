"""From what a person typed to jobs: plain data that any worker can do."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from esrbench.errors import EsrbenchError, SubmissionError, UsageError
from esrbench.submission.find import find, list_variants

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


@dataclass(frozen=True)
class Plan:
    """What is to be done."""

    jobs: tuple[Job, ...]
    faults: tuple[str, ...] = field(default=())
    """Sentences on what was typed and is no submission."""


def plan(
    paths: Sequence[str],
    *,
    variant: str | None = None,
    scale: int | None = None,
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
    for path in paths:
        try:
            for name in _variants(path, variant):
                jobs.append(_job(len(jobs), path, name, scale))
        except UsageError as why:
            faults.append(str(why))
    if shard is not None:
        jobs = [job for job in jobs if job.number % shard[1] == shard[0] % shard[1]]
    if order == "short":
        jobs.sort(key=lambda job: (job.weight_bytes, job.number))
    return Plan(tuple(jobs), tuple(faults))


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


def _job(number: int, path: str, variant: str | None, scale: int | None) -> Job:
    from esrbench.submission.weights import locate_weights

    size = 0
    label = Path(path).stem or path
    with contextlib.suppress(SubmissionError):
        found = find(path, variant=variant, scale=scale)
        label = found.label
        with contextlib.suppress(EsrbenchError, OSError):
            weights = locate_weights(found, offline=True)
            size = weights.stat().st_size if weights else 0
    return Job(number, path, variant, scale, label, size)
