"""Two submissions timed against each other, each in a process of its own."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from esrbench.data.catalogue import load_catalogue
from esrbench.data.dataset import open_dataset
from esrbench.judge.bench import BUILT_IN
from esrbench.judge.connection import Runner
from esrbench.judge.inputs import timing_inputs
from esrbench.judge.lane import Images, RunnerLane
from esrbench.judge.launch import Machine, load_into
from esrbench.protocol.schema import Timing, parse_shape
from esrbench.submission.submission import Submission
from esrbench.submission.weights import WeightsUnavailable, locate_weights
from esrbench.timing.compare import Comparison, compare
from esrbench.timing.throttle import watch_device


def compare_submissions(
    first: Submission,
    second: Submission,
    *,
    shape: str,
    timing: Timing,
    machine: Machine,
    weights_dir: Path | None = None,
) -> Comparison:
    """Which is faster at ``shape`` (LR height x width); runtimes need no weights.

    Raises RunnerFailure or RunnerRejected when one of them does not run.
    """
    with ExitStack() as stack:
        lanes = [_lane(submission, stack, machine, weights_dir) for submission in (first, second)]
        return compare(lanes[0], lanes[1], shape, timing, watch=watch_device(machine.device))


def _lane(
    submission: Submission, stack: ExitStack, machine: Machine, weights_dir: Path | None
) -> RunnerLane:
    try:
        weights = locate_weights(submission, weights_dir=weights_dir, offline=True)
    except WeightsUnavailable:
        weights = None
    runner = stack.enter_context(Runner(machine.limits))
    flags = load_into(runner, submission, weights, machine)["flags"]
    return RunnerLane(
        label=submission.label,
        runner=runner,
        scale=submission.scale,
        data_range=submission.data_range,
        inputs=lambda shape: _inputs(shape, submission.scale),
        expected_flags=flags,
    )


def _inputs(shape: str, scale: int) -> Images:
    dataset = open_dataset(BUILT_IN, scale, data_root=None, catalogue=load_catalogue())
    _, _, height, width = parse_shape(shape)
    return timing_inputs([pair.read_lr() for pair in dataset.pairs], height, width)
