"""Measure every bundled system with weights once, for the rows that stand beside anyone's own.

    python references/make.py [--at-most N] [--scale 4] [NAME ...] [--not NAME ...]

Quality and counts alone: neither depends on the machine. A system whose record stands already, of
the same code and weights, is passed over, so that the command may be ended at any moment and run
again; what has no weights at hand is said. Each system is measured under ``quick`` on every set
that is at hand, and once more under ``classic`` on the smallest, for its counts at 1280x720.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from esrbench.api.settings import data_root, weights_dir
from esrbench.bundled import references
from esrbench.data.catalogue import load_catalogue
from esrbench.errors import EsrbenchError
from esrbench.judge.bench import Bench
from esrbench.judge.machine import resolve_machine
from esrbench.judge.options import Options
from esrbench.judge.provenance import combined_sha256
from esrbench.judge.score import score
from esrbench.judge.weights import Weights, weights_at_hand
from esrbench.protocol.load import resolve_protocol
from esrbench.results.reading import NotARecord, read_record
from esrbench.results.references import file_name, kept, write_reference
from esrbench.submission.find import bundled_names, find, list_scales, list_variants
from esrbench.submission.submission import Submission
from esrbench.submission.weights import choose_weights, sha256_of

SETS = ("skimage8", "Set5", "Set14", "B100", "Urban100_subset")
RUNS = {"quick": SETS, "classic": ("Set5",)}
"""The sets each protocol is measured on here."""


@dataclass(frozen=True)
class System:
    """One that can be measured."""

    submission: Submission
    weights: Weights

    @property
    def bytes(self) -> int:
        """Of its checkpoint: what they are ordered by."""
        return self.weights.path.stat().st_size if self.weights.path else 0

    @property
    def sha256(self) -> str | None:
        """As its record will have it."""
        weights = sha256_of(self.weights.path) if self.weights.path else None
        return combined_sha256(self.submission.code_sha256(), weights)


def main() -> None:
    """Measure what is missing, smallest first."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="bundled names; default: all")
    parser.add_argument("--not", nargs="+", default=[], dest="passed_over", metavar="NAME")
    parser.add_argument("--at-most", type=int, default=1000, help="systems in this run")
    parser.add_argument("--scale", type=int, action="append", help="default: 4, then 2, then 3")
    given = parser.parse_args()
    scales = given.scale or [4, 2, 3]
    names = [n for n in given.names or bundled_names() if n not in given.passed_over]
    found = [s for scale in scales for s in sorted(systems(scale, names), key=lambda s: s.bytes)]
    left = [(s, p) for s in found for p in RUNS if not stands(s, p)]
    waiting = list(dict.fromkeys(s.submission.label + f" x{s.submission.scale}" for s, _ in left))
    print(f"{len(found)} systems with weights, {len(waiting)} to be measured: {', '.join(waiting)}")
    chosen = set(waiting[: given.at_most])
    for system, protocol in left:
        if f"{system.submission.label} x{system.submission.scale}" in chosen:
            measure(system, protocol)


def systems(scale: int, names: list[str]) -> Iterator[System]:
    """Every bundled one that has weights at hand (or needs none) at ``scale``."""
    for name in names:
        for variant in list_variants(name):
            if scale not in list_scales(name, variant=variant):
                continue
            submission = choose_weights(
                find(name, variant=variant, scale=scale), None, offline=True
            )
            try:
                weights = weights_at_hand(submission, weights_dir=weights_dir())
            except EsrbenchError as why:
                print(f"{submission.label} x{scale}: {why}", file=sys.stderr)
                continue
            if weights.missing:
                print(f"{submission.label} x{scale}: {weights.why_none}", file=sys.stderr)
            else:
                yield System(submission, weights)


def stands(system: System, protocol: str) -> bool:
    """Whether its record is there, of the same code and weights, with every image's figures."""
    s = system.submission
    path = references() / file_name(s.label, s.scale, protocol)
    try:
        record = read_record(path)
    except NotARecord:
        return False
    return record.submission_sha256 == system.sha256 and bool(record.images)


def measure(system: System, protocol: str) -> None:
    """One run, written where it belongs if it went well."""
    recipe = resolve_protocol(protocol, datasets=list(RUNS[protocol]))
    recipe = recipe.model_copy(update={"rank_by": resolve_protocol(protocol).rank_by})
    with tempfile.TemporaryDirectory(prefix="esrbench-reference-") as folder:
        options = Options(
            protocol=recipe, catalogue=load_catalogue(),
            machine=resolve_machine("cpu", 1, 1800.0, None), results=Path(folder),
            data_root=data_root(None), weights_dir=weights_dir(), offline=True, timing=False,
            pictures=("none",), command=command(system, protocol),
            say=lambda text: print(text, file=sys.stderr),
        )  # fmt: skip
        with Bench(options) as bench:
            bench.sets.at(system.submission.scale)
            if bench.sets.missing:
                sys.exit(" ".join(bench.sets.missing.values()))
            record = score(replace(system.submission, source="bundled"), bench)
    if record.status != "ok":
        print(f"{record.label} x{record.scale}: {record.status}: {record.reason}", file=sys.stderr)
        return
    print(f"{write_reference(kept(record), references()).name}", flush=True)


def command(system: System, protocol: str) -> str:
    """What measures the same."""
    s = system.submission
    sets = " ".join(f"--dataset {name}" for name in RUNS[protocol])
    return f"esrbench score {s.label} --scale {s.scale} --protocol {protocol} {sets} --no-timing"


if __name__ == "__main__":
    main()
