"""Start a runner and have it load one submission."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from esrbench.judge.connection import Limits, Runner, RunnerRejected
from esrbench.runner.answers import Loaded
from esrbench.runner.requests import Load
from esrbench.submission.formats.registry import AS_EXPORTED
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
) -> Loaded:
    """Load ``submission``; raises RunnerFailure or RunnerRejected when that does not work, as where
    its format has no such track.

    ``weights`` is None for a submission that needs none, or to measure what does not depend on
    them (the tensors then hold what ``build()`` put there).
    """
    request = Load(
        form=submission.form,
        folder=str(submission.folder),
        entry_file=str(submission.entry_file),
        entry_function=submission.entry_function,
        build_arguments=submission.build_arguments,
        scale=submission.scale,
        multiple=submission.multiple,
        min_size=submission.min_size,
        weights=str(weights) if weights else None,
        weights_key=submission.weights_key,
        device=machine.device,
        track=_track(submission, machine.track),
        threads=machine.threads,
    )
    return runner.ask(request)


@contextmanager
def loaded_runner(
    submission: Submission, weights: Path | None, machine: Machine
) -> Iterator[Runner]:
    """A process of its own that has ``submission`` loaded; raises as :func:`load_into`."""
    with Runner(machine.limits) as runner:
        load_into(runner, submission, weights, machine)
        yield runner


def _track(submission: Submission, asked: str | None) -> str:
    """The track asked for, else the manifest's precision."""
    own = submission.precision
    possible = {own, "tf32"} if own == "fp32" else {own}
    if asked is not None and submission.form in AS_EXPORTED and asked not in possible:
        raise RunnerRejected(
            f"{submission.entry_file.name} runs as it was exported, in {own}, and has no track "
            f"{asked}: export it so and say `precision:` in a manifest beside it, or leave out "
            "--track."
        )
    return asked or own
