"""Who is measured, with what, where and by which rules: all of a record that is no finding."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from esrbench.judge.bench import Bench
from esrbench.judge.provenance import (
    VERSION,
    combined_sha256,
    harness_commit,
    new_id,
    timestamp,
)
from esrbench.judge.weights import Weights
from esrbench.results.record import About, ChallengeEntry, Swept, WeightsStatus
from esrbench.sandbox.tiers import Tier
from esrbench.submission.source import source_of
from esrbench.submission.submission import Submission
from esrbench.submission.weights import sha256_of


@dataclass(frozen=True)
class Who:
    """Fields of a ``RunRecord``, by the same names."""

    id: str
    created: str
    submission: str
    variant: str | None
    scale: int
    about: About
    submission_sha256: str | None
    weights_sha256: str | None
    weights_status: WeightsStatus | None
    code_sha256: str | None
    source: str | None
    revises: str | None
    protocol: str
    protocol_spec: dict[str, Any]
    device: str
    sandbox: Tier
    """What confines its processes."""
    precision: str
    harness_version: str
    harness_commit: str | None
    environment: dict[str, Any]
    command: str | None
    challenge: ChallengeEntry | None = None
    swept: Swept | None = None

    @property
    def label(self) -> str:
        """``span/c28``: the submission and its variant."""
        return f"{self.submission}/{self.variant}" if self.variant else self.submission


def who_is(submission: Submission, weights: Weights | None, bench: Bench) -> Who:
    """``submission`` with ``weights``; None where the checkpoint turned out to be a wrong one."""
    path = weights.path if weights else None
    weights_sha256 = sha256_of(path) if path else None
    code_sha256 = submission.code_sha256()
    return _who(
        bench,
        name=submission.name,
        variant=submission.variant,
        scale=submission.scale,
        precision=bench.options.machine.track or submission.precision,
        about=About(
            title=submission.title,
            authors=submission.authors,
            year=submission.year,
            paper=submission.paper,
            code=submission.code,
            licence=submission.licence,
            weights_origin=submission.weights_origin,
            published=submission.published,
        ),
        submission_sha256=combined_sha256(code_sha256, weights_sha256),
        weights_sha256=weights_sha256,
        weights_status=weights.status if weights else None,
        code_sha256=code_sha256,
        source=submission.source,
    )


def who_was_meant(path: str, scale: int, bench: Bench) -> Who:
    """What can be said of a submission whose manifest or code cannot even be read."""
    name = Path(path).stem
    return _who(bench, name=name, scale=scale, about=About(title=name), source=source_of(path))


def _who(
    bench: Bench,
    *,
    name: str,
    scale: int,
    about: About,
    variant: str | None = None,
    precision: str = "fp32",
    submission_sha256: str | None = None,
    weights_sha256: str | None = None,
    weights_status: WeightsStatus | None = None,
    code_sha256: str | None = None,
    source: str | None = None,
) -> Who:
    options = bench.options
    return Who(
        id=new_id(),
        created=timestamp(),
        submission=name,
        variant=variant,
        scale=scale,
        about=about,
        submission_sha256=submission_sha256,
        weights_sha256=weights_sha256,
        weights_status=weights_status,
        code_sha256=code_sha256,
        source=source,
        revises=None,
        protocol=options.protocol.name,
        protocol_spec=options.protocol.model_dump(mode="json"),
        device=bench.device.name,
        sandbox=options.machine.tier,
        precision=precision,
        harness_version=VERSION,
        harness_commit=harness_commit(),
        environment=bench.device.environment,
        command=options.command,
    )
