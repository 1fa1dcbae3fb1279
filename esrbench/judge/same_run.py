"""Whether a run was made already: what the store says to who is to be measured."""

from __future__ import annotations

from esrbench.judge.bench import Bench
from esrbench.judge.who import Who
from esrbench.results.claim import claim_key
from esrbench.results.entry import spec_sha256
from esrbench.results.measured import Answer, Wanted, measured_already
from esrbench.results.namesakes import Newcomer
from esrbench.results.record import RunRecord
from esrbench.results.store import read_record


def same_run(who: Who, bench: Bench) -> Answer:
    """The earlier record of the very same run if the store has one, else why one nearly is."""
    options = bench.options
    wanted = Wanted(
        label=who.label,
        submission_sha256=who.submission_sha256,
        spec_sha256=spec_sha256(who.protocol_spec),
        device=who.device,
        precision=who.precision,
        harness_version=who.harness_version,
        harness_commit=who.harness_commit,
        timing=options.timing,
        sandbox=who.sandbox,
        verify=options.verify,
        datasets={d.name: bench.sets.known_sha256(d) for d in bench.sets.at(who.scale)},
        again_failed=options.again_failed,
    )
    return measured_already(bench.store, wanted)


def run_key(who: Who, bench: Bench) -> str:
    """What two judges on one results folder would both measure, as a claim's name."""
    return claim_key(
        who.label,
        who.submission_sha256,
        spec_sha256(who.protocol_spec),
        who.device,
        who.precision,
        who.harness_version,
        who.harness_commit,
        str(bench.options.timing),
        who.sandbox,
        *(["verified"] if bench.options.verify else []),
    )


def rejected_already(who: Who | RunRecord, reason: str, bench: Bench) -> RunRecord | None:
    """The newest record of its name and place, if that was rejected for the same reason."""
    for path, entry in bench.store.newest_first():
        if (entry.label, entry.source) != (who.label, who.source):
            continue
        same = (entry.status, entry.reason, entry.device, entry.spec_sha256, entry.seal) == (
            "rejected",
            reason,
            who.device,
            spec_sha256(who.protocol_spec),
            "whole",
        )
        return read_record(path) if same else None
    return None


def newcomer(who: Who) -> Newcomer:
    """``who``, to be held against those of the same name."""
    return Newcomer(
        who.label, who.variant, who.scale, who.submission_sha256, who.code_sha256, who.source
    )
