"""A record before anything is measured, and the record of what never got that far."""

from __future__ import annotations

from pathlib import Path

from esrbench.errors import EsrbenchError
from esrbench.judge.bench import Bench
from esrbench.judge.provenance import (
    VERSION,
    combined_sha256,
    harness_commit,
    new_id,
    timestamp,
)
from esrbench.results.record import About, RunRecord
from esrbench.submission.submission import Submission
from esrbench.submission.weights import sha256_of


def blank_record(submission: Submission, weights: Path | None, bench: Bench) -> RunRecord:
    """Who, with what and where; the status is ``failed`` until a run proves better."""
    options = bench.options
    weights_sha256 = sha256_of(weights) if weights else None
    return RunRecord(
        id=new_id(),
        created=timestamp(),
        submission=submission.name,
        variant=submission.variant,
        scale=submission.scale,
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
        submission_sha256=combined_sha256(submission.code_sha256(), weights_sha256),
        weights_sha256=weights_sha256,
        protocol=options.protocol.name,
        protocol_spec=options.protocol.model_dump(mode="json"),
        device=bench.device,
        precision=options.machine.track or submission.precision,
        status="failed",
        harness_version=VERSION,
        harness_commit=harness_commit(),
        environment=bench.environment,
        command=options.command,
    )


def rejected_record(path: str, scale: int, why: EsrbenchError, bench: Bench) -> RunRecord:
    """The row of a submission whose manifest or code cannot even be read."""
    options = bench.options
    return RunRecord(
        id=new_id(),
        created=timestamp(),
        submission=Path(path).stem,
        scale=scale,
        about=About(title=Path(path).stem),
        protocol=options.protocol.name,
        protocol_spec=options.protocol.model_dump(mode="json"),
        device=bench.device,
        status="rejected",
        reason=str(why),
        harness_version=VERSION,
        harness_commit=harness_commit(),
        environment=bench.environment,
        command=options.command,
    )


def same_run(record: RunRecord, bench: Bench) -> RunRecord | None:
    """An earlier, complete record of the very same run, if the store has one."""
    for earlier in reversed(bench.store.records()):
        if (
            earlier.status == "ok"
            and "no-weights" not in earlier.flags
            and earlier.submission_sha256 == record.submission_sha256
            and earlier.protocol_spec == record.protocol_spec
            and (earlier.device, earlier.precision) == (record.device, record.precision)
            and earlier.harness_version == record.harness_version
            and earlier.harness_commit == record.harness_commit
            and (earlier.runtime_ms is not None or not bench.options.timing)
        ):
            return earlier
    return None
