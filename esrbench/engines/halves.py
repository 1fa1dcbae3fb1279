"""A record in two halves: what may be found beside others, and what needs the device alone.

The first half waits in the results folder as JSON until the second is there, so that what was done
is not lost when a command ends between the two.
"""

from __future__ import annotations

import contextlib
import time
from dataclasses import fields, replace
from functools import partial
from pathlib import Path

from esrbench.errors import UnavailableError
from esrbench.judge.assemble import Outcome
from esrbench.judge.bench import Bench
from esrbench.judge.parts import Facts, Part, Steadiness, Timed
from esrbench.judge.phases import phases, timing_phases
from esrbench.judge.score import Prepared, gather, measure
from esrbench.judge.who import Who
from esrbench.results.reading import NotARecord, read_with_data
from esrbench.results.record import RUN_SECONDS, RunRecord
from esrbench.results.seal import seal_state, sealed_json
from esrbench.whole_file import write_whole

PARTS = ".parts"


def untimed_half(prepared: Prepared, bench: Bench) -> RunRecord:
    """Everything but runtimes; a record that failed or was rejected is whole already."""
    first = measure(prepared, bench, partial(phases, timed=False))
    if bench.options.timing and first.status != "ok":
        first.missing.pop("runtime_ms", None)  # it was asked for; the reason says why it is not
    return first


def timed_half(prepared: Prepared, first: RunRecord, bench: Bench) -> RunRecord:
    """``first`` with its runtimes."""
    known = {field.name: getattr(first, field.name) for field in fields(Who)}
    again = replace(prepared, who=Who(**known))
    steady = Steadiness(spread=first.count_spread, chance=first.chance)
    told = first.verification
    verified = told is not None and told.status == "verified"
    asked = partial(timing_phases, steady=steady, verified=verified)
    begun = time.monotonic()
    parts, outcome = gather(again, bench, asked)
    whole = joined(first, parts, outcome)
    took = whole.environment.get(RUN_SECONDS, 0.0) + time.monotonic() - begun
    return whole.model_copy(
        update={"environment": {**whole.environment, RUN_SECONDS: round(took, 3)}}
    )


def joined(first: RunRecord, parts: list[Part], outcome: Outcome) -> RunRecord:
    """The record that one runner would have made of both."""
    timed = [part for part in parts if isinstance(part, Timed)]
    more = {k: v for part in parts if isinstance(part, Facts) for k, v in part.facts.items()}
    complexity = first.complexity
    if complexity is not None:
        complexity = complexity.model_copy(update={"facts": {**complexity.facts, **more}})
    missing = {key: why for key, why in first.missing.items() if key != "runtime_ms"}
    return first.model_copy(
        update={
            "status": outcome.status,
            "reason": outcome.reason,
            "flags": sorted({*first.flags, *(flag for part in parts for flag in part.flags)}),
            "runtime_ms": timed[0].runtime if timed else None,
            "runtime_by_shape": [part.runtime for part in timed],
            "timing_blocks": [block for part in timed for block in part.blocks],
            "signatures": first.signatures
            | {key: how for part in parts for key, how in part.signatures.items()},
            "missing": missing | {why.key: why.sentence for p in parts for why in p.reasons},
            "environment": first.environment
            | {key: value for part in parts for key, value in part.environment.items()},
            "complexity": complexity,
        }
    )


def keep_half(root: Path, key: str, first: RunRecord) -> None:
    """Keep the first half of the run ``key``; raises UnavailableError where that cannot be."""
    try:
        (root / PARTS).mkdir(parents=True, exist_ok=True)
        write_whole(_path(root, key), sealed_json(first).encode(), durable=True)
    except OSError as why:
        raise UnavailableError(f"{_path(root, key)} cannot be written: {why.strerror}.") from None


def kept_half(root: Path, key: str) -> RunRecord | None:
    """The first half of the run ``key``, if one was kept whole."""
    try:
        read = read_with_data(_path(root, key))
    except NotARecord:
        return None
    return read.record if seal_state(read.data) == "whole" else None


def forget_half(root: Path, key: str) -> None:
    """The record is there: its first half goes."""
    with contextlib.suppress(OSError):
        _path(root, key).unlink(missing_ok=True)
        (root / PARTS).rmdir()  # only when it is empty


def _path(root: Path, key: str) -> Path:
    return root / PARTS / f"{key}.json"
