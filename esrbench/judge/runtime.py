"""Runtime: the submission against the baseline, each in a process of its own."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import ExitStack

from esrbench.flags import DEPENDS_ON_INPUT, FLAGS_CHANGED, MORE_CORES
from esrbench.judge.bench import Bench
from esrbench.judge.chance import rounding
from esrbench.judge.connection import Runner
from esrbench.judge.lane import RunnerLane
from esrbench.judge.launch import load_into, open_runner
from esrbench.judge.layers import measure_layers
from esrbench.judge.parts import Part, Steadiness, Timed
from esrbench.judge.progress import Progress
from esrbench.judge.weights import Weights
from esrbench.judge.who import Who
from esrbench.judge.witness import Graph
from esrbench.number_of import number_of
from esrbench.policies import POLICIES
from esrbench.results.record import ON, Runtime
from esrbench.submission.submission import Submission
from esrbench.timing.device_lock import device_keys, device_lock
from esrbench.timing.image_times import image_times
from esrbench.timing.schedule import Heard, measure
from esrbench.timing.threads import thread_count
from esrbench.timing.throttle import watch_device

_APART = 3.0
"""A network that answers differently each time may, while it is timed, by this much more."""


def measure_runtimes(
    submission: Submission,
    weights: Weights,
    runner: Runner,
    steady: Steadiness,
    who: Who,
    shapes: Sequence[str],
    bench: Bench,
    graph: Graph | None = None,
) -> Iterator[Part]:
    """The runtime at each of ``shapes``, the first as headline; then where the time goes.

    The submission's own code is what is timed; where there is a ``graph`` the timed outputs are
    held against what that gives.
    """
    timing = bench.options.protocol.timing
    policy = POLICIES[timing.policy]
    machine = bench.options.machine
    keys = device_keys(machine.device, machine.threads)
    with ExitStack() as stack:
        stack.enter_context(device_lock(keys, f"esrbench score, {who.label}", bench.options.say))
        if policy.cold:
            # A cold pass needs a process that has not run the network yet.
            machine = bench.options.machine
            runner = stack.enter_context(open_runner(machine, submission, weights.path))
            load_into(runner, submission, weights.path, machine)
        lane = RunnerLane(
            label=who.label,
            runner=runner,
            scale=submission.scale,
            data_range=submission.data_range,
            inputs=lambda shape: bench.sets.lr_images(shape, submission.scale),
            policy=timing.policy,
            apart=_apart(steady, who, machine.device, graph),
            wavers=steady.chance is not None,
            graph=graph.runner if graph else None,
        )
        baseline = None if policy.cold else bench.baselines.at(submission.scale)
        if baseline is not None:
            # Neither's processes are to work, or to be stopped, while the other is timed.
            lane.beside = (baseline.runner, *([graph.runner] if graph else []))
            baseline.beside = (runner, *([graph.runner] if graph else []))
        watch = watch_device(bench.options.machine.device)
        headline: Runtime | None = None
        for shape in shapes:
            bench.options.progress.phase(f"{who.label}: timing at {shape}")
            heard = _heard(bench.options.progress)
            run = measure(lane, baseline, shape, timing, watch=watch, heard=heard)
            depends = image_times(lane.calls)
            timed = run.runtime.model_copy(update={"by_image_ms": depends or {}})
            headline = headline or timed
            on = f"{ON}photographs" if depends or steady.spread else ""
            flags = [*run.flags, *lane.flags]
            flags += [FLAGS_CHANGED] if lane.changed else []
            flags += [MORE_CORES] if lane.used.more_than(thread_count(machine.threads)) else []
            flags += [DEPENDS_ON_INPUT] if depends else []
            yield Timed(
                runtime=timed,
                blocks=tuple(run.blocks),
                flags=tuple(flags),
                environment={"changed_while_timed": sorted(lane.changed)} if lane.changed else {},
                signatures={"runtime_ms": runtime_signature(who, headline, on)},
            )
        if policy.calls_one_by_one and headline is not None:
            bench.options.progress.phase(f"{who.label}: layers")
            lane.send_pool(headline.shape)
            yield measure_layers(runner, submission.scale, who.precision, headline, bench.device)


def _heard(progress: Progress) -> Heard:
    """Tells ``progress`` of blocks and of the interval's width."""

    def tell(blocks: int, width: float | None) -> None:
        known = width is not None and math.isfinite(width)
        how_sure = f", ±{100 * (width or 0.0):.1f}%" if known else ""
        progress.step(number_of(blocks, "block") + how_sure)

    return tell


def _apart(steady: Steadiness, who: Who, device: str, graph: Graph | None) -> float:
    """What a timed output may be from an untimed one, of the data range, beyond the least."""
    if steady.chance is not None:
        return _APART * steady.chance.difference
    return rounding(who.precision, device) if graph else 0.0


def runtime_signature(who: Who, timed: Runtime, on: str = "") -> str:
    """``TIME|cpu:...|fp32|shape:256x256|block|v2``; v1 let the C library give memory back."""
    return f"TIME|{who.device}|{who.precision}|shape:{timed.shape}|{timed.policy}|v2{on}"
