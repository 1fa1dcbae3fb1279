"""Start a runner and have it load one submission."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from esrbench.judge.connection import Limits, Runner
from esrbench.runner.wire import Message
from esrbench.submission.submission import Submission
from esrbench.timing.threads import thread_count


@dataclass(frozen=True)
class Machine:
    """Where and within which limits submissions run."""

    device: str = "cpu"
    """``cpu`` or ``cuda:N``."""
    track: str | None = None
    """How networks are run (``runner/tracks.py``); None: each in its manifest's precision."""
    threads: int = field(default_factory=lambda: thread_count(0))
    limits: Limits = field(default_factory=Limits)


def load_into(
    runner: Runner, submission: Submission, weights: Path | None, machine: Machine
) -> Message:
    """Load ``submission``; raises RunnerFailure or RunnerRejected when that does not work.

    ``weights`` is None for a submission that needs none, or to measure what does not depend on
    them (the tensors then hold what ``build()`` put there).
    """
    return runner.ask(
        "load",
        form=submission.form,
        entry_file=str(submission.entry_file),
        entry_function=submission.entry_function,
        build_arguments=submission.build_arguments,
        scale=submission.scale,
        multiple=submission.multiple,
        min_size=submission.min_size,
        weights=str(weights) if weights else None,
        weights_key=submission.weights_key,
        device=machine.device,
        track=machine.track or submission.precision,
        threads=machine.threads,
    )
