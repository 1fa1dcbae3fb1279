"""Counts, memory and facts: what one forward costs, whatever the clock says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from esrbench.errors import SubmissionError
from esrbench.judge.connection import Runner
from esrbench.judge.parts import Counts, Facts, Memory, Reason
from esrbench.protocol.schema import parse_shape
from esrbench.results.record import Complexity
from esrbench.runner import requests
from esrbench.timing.nvml import process_bytes


def measure_complexity(runner: Runner, shape: Sequence[int]) -> Counts:
    """The counts at LR ``shape`` ``(N, 3, H, W)``.

    To be asked first: what a network does to itself in its first forward shows only then.
    """
    counts = runner.ask(requests.Count(shape=tuple(shape)))
    shared = counts.model_dump(include=set(Complexity.model_fields), exclude={"facts"})
    complexity = Complexity.model_validate({**shared, "facts": counts.facts.present()})
    size = "x".join(str(side) for side in complexity.input_shape)
    return Counts(
        params=counts.params,
        macs=counts.macs,
        activations=counts.activations,
        convs=counts.convs,
        complexity=complexity,
        flags=counts.flags,
        signatures={
            "macs": f"MACs|{size}|fvcore|v1",
            "activations": f"activations|{size}|ntire|v1",
            "convs": f"convs|{size}|ntire|v1",
        },
        reasons=_quantities(counts.missing),
    )


def measure_facts(runner: Runner, weights: Path | None, data_range: float) -> Facts:
    """What the network is: receptive fields, sizes, weight bytes.

    To be asked last: it tries inputs that a network need not bear, and one that ends the runner
    costs nothing but these facts.
    """
    try:
        answer = runner.ask(
            requests.Describe(
                weights=str(weights.resolve()) if weights else None, data_range=data_range
            )
        )
    except SubmissionError as why:
        sentence = f"Receptive field and input sizes: {why}"
        return Facts(reasons=(Reason("phase", "facts", sentence),))
    return Facts(facts=answer.facts.present(), reasons=_quantities(answer.missing))


def measure_memory(runner: Runner, shapes: Sequence[str], device: str) -> Memory:
    """The peak memory of one forward at each LR size of ``shapes``; the first is the headline."""
    by_shape = {shape: _peaks(runner, shape, device) for shape in shapes}
    kind = "allocated" if device.startswith("cuda") else "live_tensors"
    shape = "x".join(str(side) for side in parse_shape(shapes[0]))
    return Memory(
        by_shape=by_shape,
        headline_bytes=by_shape[shapes[0]].get(kind),
        signatures={"peak_memory_bytes": f"memory|{shape}|{kind}|v1"},
    )


def _peaks(runner: Runner, shape: str, device: str) -> dict[str, int | None]:
    """Bytes by kind: what the runner tells, and what is seen of its process from outside."""
    answer = runner.ask(requests.Memory(shape=parse_shape(shape)))
    peaks: dict[str, int | None] = dict(answer.memory)
    if device.startswith("cuda"):
        # The allocator keeps what it reserved for the peak, so the driver still counts it.
        peaks["process"] = process_bytes(device, runner.pids)
    peaks["rss"] = runner.resident_bytes() or None
    return peaks


def _quantities(missing: Mapping[str, str]) -> tuple[Reason, ...]:
    return tuple(Reason("quantity", key, why) for key, why in missing.items())
