"""``esrbench score CHECKPOINTS --as NAME``: the checkpoints of training runs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from esrbench.errors import UsageError

if TYPE_CHECKING:
    from esrbench.engines.run import Ran
    from esrbench.engines.sweep import Architecture, Heard
    from esrbench.judge.bench import Bench
    from esrbench.results.record import RunRecord

EVERY = 5.0
"""Seconds between two looks into a watched folder."""


@dataclass(frozen=True)
class Asked:
    """What a person typed of a sweep."""

    group_by: str | None = None
    step_from: str | None = None
    choose: str | None = None
    watch: Path | None = None
    watch_for: float | None = None

    @property
    def anything(self) -> bool:
        """Whether any of it was typed."""
        return any(value is not None for value in vars(self).values())


def checked(asked: Asked, architecture: str | None, *, timing: bool, others: bool) -> None:
    """Raise UsageError for options that do not go together."""
    if architecture is None:
        if asked.anything:
            raise UsageError(
                "--group-by, --step-from, --choose and --watch are for checkpoints of one "
                "architecture: name it with --as, as in --as span."
            )
        return
    if timing:
        raise UsageError(
            "One architecture has one runtime, whatever its weights: add --no-timing, and time "
            "one checkpoint by itself (esrbench score NAME --weights FILE)."
        )
    if others:
        raise UsageError(
            "Checkpoints with --as are scored one after the other by one runner: leave out --jobs, "
            "--engine, --shard, --order, --weights, --revises and --with-references."
        )


def line(record: RunRecord) -> str:
    """One checkpoint in a line: ``runs-a, step 40,000: PSNR 32.21 dB on Set5``."""
    from esrbench.quantities import metrics
    from esrbench.results.swept import point_of

    point = point_of(record.swept, record.quality)
    if point is None or record.status != "ok":
        return f"{record.label}: {record.status}: {record.reason}"
    told = f"{point.run}, step {point.step:,}:"
    if point.value is None:
        return f"{told} {record.why_missing(f'{point.dataset}.{point.metric}') or 'no figure'}"
    described = metrics.described(point.metric)
    value = f"{point.value:.{described.decimals([point.value])}f}"
    return f"{told} {described.with_unit()} {value} on {point.dataset}"


def swept(
    patterns: list[str], architecture: Architecture, asked: Asked, bench: Bench, heard: Heard
) -> Ran:
    """Score what is there and, with ``--watch``, what comes; Ctrl-C ends the watching."""
    from esrbench.cli.terminal import say
    from esrbench.engines.checkpoints import checkpoints
    from esrbench.engines.run import Ran
    from esrbench.engines.sweep import arrivals, rule, sweep

    chosen = rule(asked.choose, bench)
    ran = Ran()

    def take(patterns: list[str]) -> list[Path]:
        found, left_out = checkpoints(patterns, group_by=asked.group_by, step_from=asked.step_from)
        for sentence in left_out:
            say(sentence)
        ran.extend(sweep(found, architecture, chosen, bench, heard))
        return [one.path for one in found]

    known = take(patterns) if patterns else []
    if asked.watch is None:
        return ran
    if not asked.watch.is_dir():
        raise UsageError(f"--watch {asked.watch}: there is no such folder.")
    say(f"Watching {asked.watch} for checkpoints; Ctrl-C ends it.")
    try:
        for new in arrivals(asked.watch, known, every=EVERY, patience=asked.watch_for):
            try:
                take([str(path) for path in new])
            except UsageError as why:  # a file that says no step: the next one may
                say(str(why))
    except KeyboardInterrupt:
        say("Watching ended.")
    return ran
