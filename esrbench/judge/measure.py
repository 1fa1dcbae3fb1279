"""Counts and memory: what one forward costs, whatever the clock says."""

from __future__ import annotations

from pathlib import Path

from esrbench.errors import SubmissionError
from esrbench.judge.bench import Bench
from esrbench.judge.connection import Runner
from esrbench.judge.shapes import memory_shapes
from esrbench.protocol.schema import parse_shape
from esrbench.results.record import Complexity, RunRecord
from esrbench.runner import requests
from esrbench.runner.answers import Counted
from esrbench.submission.submission import Submission
from esrbench.timing.nvml import process_bytes


def measure_complexity(runner: Runner, record: RunRecord, bench: Bench) -> None:
    """Fill the counts at the protocol's counting input.

    To be asked first: what a network does to itself in its first forward shows only then.
    """
    shape = bench.options.protocol.counting_input(record.scale)
    counts = runner.ask(requests.Count(shape=shape))
    fill_counts(record, counts)


def measure_facts(
    runner: Runner, record: RunRecord, submission: Submission, weights: Path | None
) -> None:
    """Fill what the network is: receptive fields, sizes, weight bytes.

    To be asked last: it tries inputs that a network need not bear, and one that ends the runner
    costs nothing but these facts.
    """
    try:
        answer = runner.ask(
            requests.Describe(
                weights=str(weights) if weights else None, data_range=submission.data_range
            )
        )
    except SubmissionError as why:
        record.missing["facts"] = f"Receptive field and input sizes: {why}"
        return
    if record.complexity is not None:
        record.complexity.facts.update(answer.facts.present())
    record.missing.update(answer.missing)


def fill_counts(record: RunRecord, counts: Counted) -> None:
    """Put a runner's counts where a record keeps them."""
    shared = counts.model_dump(include=set(Complexity.model_fields), exclude={"facts"})
    details = {**shared, "facts": counts.facts.present()}
    record.complexity = Complexity.model_validate(details)
    record.params, record.macs = counts.params, counts.macs
    record.activations, record.convs = counts.activations, counts.convs
    record.flags.extend(counts.flags)
    record.missing.update(counts.missing)
    size = "x".join(str(side) for side in record.complexity.input_shape)
    record.signatures.update(
        macs=f"MACs|{size}|fvcore|v1",
        activations=f"activations|{size}|ntire|v1",
        convs=f"convs|{size}|ntire|v1",
    )


def measure_memory(runner: Runner, record: RunRecord, bench: Bench) -> None:
    """Fill the peak memory of one forward, at the counting input and at every shape that is timed.

    The counting input is the headline.
    """
    device = bench.options.machine.device
    first, *others = memory_shapes(record, bench)
    record.memory = _peaks(runner, first, device)
    record.memory_by_shape = {
        first: record.memory,
        **{shape: _peaks(runner, shape, device) for shape in others},
    }
    kind = "allocated" if device.startswith("cuda") else "live_tensors"
    record.peak_memory_bytes = record.memory.get(kind)
    shape = "x".join(str(side) for side in parse_shape(first))
    record.signatures["peak_memory_bytes"] = f"memory|{shape}|{kind}|v1"


def _peaks(runner: Runner, shape: str, device: str) -> dict[str, int | None]:
    """Bytes by kind: what the runner tells, and what is seen of its process from outside."""
    answer = runner.ask(requests.Memory(shape=parse_shape(shape)))
    peaks: dict[str, int | None] = dict(answer.memory)
    if device.startswith("cuda"):
        # The allocator keeps what it reserved for the peak, so the driver still counts it.
        peaks["process"] = process_bytes(device, runner.pid)
    peaks["rss"] = runner.resident_bytes() or None
    return peaks
