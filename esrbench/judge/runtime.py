"""Runtime: the submission against the baseline, each in a process of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack

from esrbench.flags import FLAGS_CHANGED
from esrbench.judge.bench import Bench
from esrbench.judge.connection import Runner
from esrbench.judge.lane import RunnerLane
from esrbench.judge.launch import load_into, open_runner
from esrbench.judge.layers import measure_layers
from esrbench.judge.parts import Part, Timed
from esrbench.judge.weights import Weights
from esrbench.judge.who import Who
from esrbench.results.record import Runtime
from esrbench.submission.submission import Submission
from esrbench.timing.schedule import measure
from esrbench.timing.throttle import watch_device


def measure_runtimes(
    submission: Submission,
    weights: Weights,
    runner: Runner,
    who: Who,
    shapes: Sequence[str],
    bench: Bench,
) -> Iterator[Part]:
    """The runtime at each of ``shapes``, the first as headline; then where the time goes."""
    timing = bench.options.protocol.timing
    with ExitStack() as stack:
        if timing.policy == "ntire":
            # A cold pass needs a process that has not run the network yet.
            machine = bench.options.machine
            runner = stack.enter_context(open_runner(machine, submission, weights.path))
            load_into(runner, submission, weights.path, machine)
        lane = RunnerLane(
            label=who.label,
            runner=runner,
            scale=submission.scale,
            data_range=submission.data_range,
            inputs=lambda shape: bench.lr_images(shape, submission.scale),
            policy=timing.policy,
        )
        baseline = None if timing.policy == "ntire" else bench.baseline(submission.scale)
        watch = watch_device(bench.options.machine.device)
        headline: Runtime | None = None
        for shape in shapes:
            bench.options.progress.phase(f"{who.label}: timing at {shape}")
            run = measure(lane, baseline, shape, timing, watch=watch)
            headline = headline or run.runtime
            yield Timed(
                runtime=run.runtime,
                blocks=tuple(run.blocks),
                flags=(*run.flags, *lane.flags, *((FLAGS_CHANGED,) if lane.changed else ())),
                environment={"changed_while_timed": sorted(lane.changed)} if lane.changed else {},
                signatures={"runtime_ms": runtime_signature(who, headline)},
            )
        if timing.policy == "block" and headline is not None:
            bench.options.progress.phase(f"{who.label}: layers")
            lane.send_pool(headline.shape)
            yield measure_layers(runner, submission.scale, who.precision, headline, bench)


def runtime_signature(who: Who, timed: Runtime) -> str:
    """``TIME|cpu:...|fp32|shape:256x256|block|v2``; v1 let the C library give memory back."""
    return f"TIME|{who.device}|{who.precision}|shape:{timed.shape}|{timed.policy}|v2"
