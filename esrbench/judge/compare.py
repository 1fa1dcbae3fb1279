"""Two submissions timed against each other, each in processes of its own."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

from esrbench.data.catalogue import load_catalogue
from esrbench.data.dataset import open_dataset
from esrbench.errors import SubmissionError
from esrbench.judge.connection import Runner
from esrbench.judge.inputs import timing_inputs
from esrbench.judge.lane import Images, RunnerLane
from esrbench.judge.launch import load_into, open_runner
from esrbench.judge.machine import Machine
from esrbench.judge.open_sets import BUILT_IN
from esrbench.judge.progress import Progress, Silent
from esrbench.judge.weights import weights_at_hand
from esrbench.protocol.schema import Timing, parse_shape
from esrbench.submission.submission import Submission
from esrbench.timing.compare import PROCESSES, Comparison, OpenPair, compare
from esrbench.timing.device_lock import device_keys, device_lock
from esrbench.timing.lane import Block, Lane
from esrbench.timing.throttle import watch_device


def compare_submissions(
    first: Submission,
    second: Submission,
    *,
    shape: str,
    timing: Timing,
    machine: Machine,
    weights_dir: Path | None = None,
    processes: int = PROCESSES,
    progress: Progress | None = None,
    say: Callable[[str], None] = lambda text: None,
) -> Comparison:
    """Which is faster at ``shape`` (LR height x width), each in ``processes`` fresh processes.

    ``say`` hears for whom it waits, where another command is timing on the device.

    Raises SubmissionError, with the label of the one that does not run.
    """
    open_pair = pair_opener(first, second, shape, machine, weights_dir, progress)
    watch = watch_device(machine.device)
    keys = device_keys(machine.device, machine.threads)
    with device_lock(keys, f"esrbench compare, {first.label} and {second.label}", say):
        return compare(open_pair, shape, timing, processes=processes, watch=watch)


def pair_opener(
    first: Submission,
    second: Submission,
    shape: str,
    machine: Machine,
    weights_dir: Path | None = None,
    progress: Progress | None = None,
) -> OpenPair:
    """What starts both in fresh processes, to be timed at ``shape``; runtimes need no weights."""
    inputs = {scale: _inputs(shape, scale) for scale in {first.scale, second.scale}}
    progress = progress or Silent()
    turns = itertools.count(1)

    @contextmanager
    def open_pair() -> Iterator[tuple[Lane, Lane]]:
        number = next(turns)
        turn = f"processes, pair {number}"
        progress.phase(f"{turn}: starting")
        # Both runners import torch at the same time.
        with ExitStack() as stack, ThreadPoolExecutor(2) as waiters:
            runners = [_opened(one, machine, weights_dir) for one in (first, second)]
            # Neither is always the one that starts first.
            list(waiters.map(stack.enter_context, runners[:: 1 if number % 2 else -1]))

            def load(submission: Submission, runner: Runner) -> Lane:
                images = inputs[submission.scale]
                return _lane(submission, runner, machine, weights_dir, images)

            lanes = list(waiters.map(load, (first, second), runners))
            progress.phase(f"{turn}: measuring in turn")
            yield lanes[0], lanes[1]

    return open_pair


class _NamedLane(RunnerLane):
    """Says whose failure it is."""

    def warm_up(self, shape: str, seconds: float) -> None:
        with _named(self.label):
            super().warm_up(shape, seconds)

    def block(self, shape: str, calls: int | None) -> Block:
        with _named(self.label):
            return super().block(shape, calls)


@contextmanager
def _named(label: str) -> Iterator[None]:
    try:
        yield
    except SubmissionError as why:
        raise SubmissionError(f"{label}: {why}") from None


def _opened(submission: Submission, machine: Machine, weights_dir: Path | None) -> Runner:
    with _named(submission.label):
        weights = weights_at_hand(submission, weights_dir=weights_dir)
        return open_runner(machine, submission, weights.path)


def _lane(
    submission: Submission,
    runner: Runner,
    machine: Machine,
    weights_dir: Path | None,
    images: Images,
) -> Lane:
    weights = weights_at_hand(submission, weights_dir=weights_dir)
    with _named(submission.label):
        load_into(runner, submission, weights.path, machine)
    return _NamedLane(
        label=submission.label,
        runner=runner,
        scale=submission.scale,
        data_range=submission.data_range,
        inputs=lambda _: images,
    )


def _inputs(shape: str, scale: int) -> Images:
    dataset = open_dataset(BUILT_IN, scale, data_root=None, catalogue=load_catalogue())
    _, _, height, width = parse_shape(shape)
    return timing_inputs([pair.read_lr() for pair in dataset.pairs], height, width)
