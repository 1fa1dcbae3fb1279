"""Start a runner and have it load one submission."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from esrbench.errors import SubmissionError
from esrbench.judge.child import device_inside
from esrbench.judge.connection import Runner, RunnerRejected
from esrbench.judge.machine import Machine
from esrbench.runner.answers import Loaded
from esrbench.runner.requests import Load
from esrbench.sandbox import process
from esrbench.sandbox.confined import Starter
from esrbench.sandbox.sight import Sight, own_files
from esrbench.submission.formats.registry import AS_EXPORTED, OF_A_REPOSITORY, WHOLE
from esrbench.submission.formats.repository.tree import entries_holding
from esrbench.submission.formats.sidecar import sidecar_path
from esrbench.submission.submission import Submission


def open_runner(
    machine: Machine,
    submission: Submission | None = None,
    weights: Path | None = None,
    *,
    outbox: bool = False,
    also: Sequence[Path] = (),
    starter: Starter = process.start,
) -> Runner:
    """A runner in walls of its own, for one submission or for none; then ``load_into`` it.

    ``also``: further checkpoints that it is to be filled with. ``starter``: how it is started, as
    one of ``Templates`` does.

    Raises RunnerRejected where its folder holds a link that leads out of it, UnavailableError
    where a tier was demanded that cannot be had.
    """
    seen: tuple[Path, ...] = ()
    if submission is not None:
        try:
            seen = own_files(submission.folder, files_of(submission), weights, of=submission.label)
        except SubmissionError as why:
            raise RunnerRejected(str(why)) from None
    seen = tuple(dict.fromkeys((*seen, *(path.resolve() for path in also))))
    track = _track(submission, machine.track) if submission else ""
    sight = Sight(
        readable=seen, hidden=machine.hidden, device=machine.device, compiler=track == "compile"
    )
    return Runner(
        machine.limits,
        threads=machine.threads,
        tier=machine.tier,
        sight=sight,
        outbox=outbox,
        starter=starter,
    )


def files_of(submission: Submission) -> list[Path] | None:
    """The files of one that is no folder of its own; None for all that its folder holds."""
    if submission.form in WHOLE or submission.whole_folder:
        return None
    if submission.form in OF_A_REPOSITORY:
        return entries_holding(submission.folder, submission.code_files or ())
    beside = [sidecar_path(submission.entry_file), *(submission.code_files or ())]
    return [path for path in (submission.entry_file, *beside) if path.is_file()]


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
        folder=str(submission.folder.resolve()),
        entry_file=str(submission.entry_file.resolve()),
        entry_function=submission.entry_function,
        build_arguments=submission.build_arguments,
        scale=submission.scale,
        data_range=submission.data_range,
        channels=submission.channels,
        multiple=submission.multiple,
        min_size=submission.min_size,
        weights=str(weights.resolve()) if weights else None,
        weights_key=submission.weights_key,
        device=device_inside(machine.device),
        track=_track(submission, machine.track),
        threads=machine.threads,
    )
    return runner.ask(request)


@contextmanager
def loaded_runner(
    submission: Submission,
    weights: Path | None,
    machine: Machine,
    starter: Starter = process.start,
) -> Iterator[Runner]:
    """A process of its own that has ``submission`` loaded; raises as :func:`load_into`."""
    with open_runner(machine, submission, weights, starter=starter) as runner:
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
