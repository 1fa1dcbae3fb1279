"""Runtime: the submission against the baseline, each in a process of its own."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import asdict
from functools import partial
from pathlib import Path

from esrbench.errors import SubmissionError
from esrbench.judge.bench import Bench
from esrbench.judge.connection import Runner
from esrbench.judge.lane import RunnerLane
from esrbench.judge.launch import load_into
from esrbench.judge.roofline import roofline
from esrbench.judge.shapes import timed_shapes
from esrbench.protocol.schema import parse_shape
from esrbench.results.record import RunRecord
from esrbench.runner.answers import Switches
from esrbench.runner.requests import LookIntoLayers
from esrbench.submission.submission import Submission
from esrbench.timing.schedule import measure
from esrbench.timing.throttle import watch_device


def measure_runtime(
    submission: Submission,
    weights: Path | None,
    runner: Runner,
    flags: Switches,
    record: RunRecord,
    bench: Bench,
) -> None:
    """Fill the runtimes at every shape of the protocol's timing policy, the first as headline."""
    timing = bench.options.protocol.timing
    with ExitStack() as stack:
        if timing.policy == "ntire":
            # A cold pass needs a process that has not run the network yet.
            runner = stack.enter_context(Runner(bench.options.machine.limits))
            flags = load_into(runner, submission, weights, bench.options.machine).flags
        lane = RunnerLane(
            label=record.label,
            runner=runner,
            scale=submission.scale,
            data_range=submission.data_range,
            inputs=lambda shape: bench.lr_images(shape, submission.scale),
            policy=timing.policy,
            expected_flags=flags,
        )
        baseline = None if timing.policy == "ntire" else bench.baseline(submission.scale)
        watch = watch_device(bench.options.machine.device)
        for shape in timed_shapes(record, bench):
            bench.options.progress.phase(f"{record.label}: timing at {shape}")
            run = measure(lane, baseline, shape, timing, watch=watch)
            record.runtime_by_shape.append(run.runtime)
            record.timing_blocks.extend(run.blocks)
            record.flags.extend(run.flags)
        record.flags.extend(lane.flags)
        record.runtime_ms = record.runtime_by_shape[0]
        record.signatures["runtime_ms"] = runtime_signature(record)
        if timing.policy == "block":
            bench.options.progress.phase(f"{record.label}: layers")
            lane.send_pool(record.runtime_ms.shape)
            _fill_roofline(runner, submission, record, bench)


def _fill_roofline(runner: Runner, submission: Submission, record: RunRecord, bench: Bench) -> None:
    """The table of layers, and how far the runtime is from what the device allows.

    A network that cannot be looked into so (a compiled one) lacks both and says why.
    """
    assert record.runtime_ms is not None
    try:
        answer = runner.ask(LookIntoLayers())
    except SubmissionError as why:
        record.missing["layers"] = f"Time by layer: {why}"
        return
    if record.complexity is None or bench.ceilings is None:
        return
    _, channels, height, width = parse_shape(record.runtime_ms.shape)
    lr_bytes = 4 * channels * height * width
    hold = partial(
        roofline,
        answer.layers,
        track=record.precision,
        compulsory_bytes=answer.weight_bytes + lr_bytes * (1 + submission.scale**2),
        median_ms=record.runtime_ms.median,
    )
    found = hold(bench.ceilings)
    if found.impossible:  # or the ceilings were measured while the machine was busy
        bench.raise_ceilings()
        found = hold(bench.ceilings)
    record.complexity.facts["layers"] = [row.model_dump() for row in answer.layers]
    record.complexity.facts["roofline"] = {**asdict(found), "ceilings": bench.ceilings}
    if found.impossible:
        record.flags.append("below-floor")


def runtime_signature(record: RunRecord) -> str:
    """``TIME|cpu:...|fp32|shape:256x256|block|v2``; v1 let the C library give memory back."""
    timed = record.runtime_ms
    assert timed is not None
    return f"TIME|{record.device}|{record.precision}|shape:{timed.shape}|{timed.policy}|v2"
