"""Peak memory of one forward, by torch's counters or, where these see nothing, of the process."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager

from esrbench.judge.connection import Runner
from esrbench.judge.parts import Memory, Peaks, Reason
from esrbench.protocol.schema import parse_shape
from esrbench.runner import requests
from esrbench.timing.nvml import process_bytes

Fresh = Callable[[], AbstractContextManager[Runner]]
"""Starts a process that has the submission loaded and has run nothing yet."""
GROWTH = "process_growth"


def measure_memory(runner: Runner, shapes: Sequence[str], device: str, fresh: Fresh) -> Memory:
    """The peaks at each LR size of ``shapes`` (``HxW``); the first is the headline.

    Where the submission holds memory outside torch (ONNX, numpy), a fresh process a size tells by
    how much it grows: another figure than the others', which stands apart from theirs.
    """
    kind = "allocated" if device.startswith("cuda") else "live_tensors"
    by_shape = {shape: _peaks(runner, shape, device) for shape in shapes}
    if kind not in by_shape[shapes[0]]:
        by_shape = {
            shape: {**peaks, GROWTH: _growth(shape, device, fresh)}
            for shape, peaks in by_shape.items()
        }
    first = by_shape[shapes[0]]
    size = "x".join(str(side) for side in parse_shape(shapes[0]))
    if kind in first:
        return Memory(
            by_shape=by_shape,
            headline_bytes=first[kind],
            signatures={"peak_memory_bytes": f"memory|{size}|{kind}|v1"},
        )
    return Memory(
        by_shape=by_shape,
        headline_bytes=None,
        process_bytes=first[GROWTH],
        signatures={"process_memory_bytes": f"memory|{size}|process-growth|v1"},
        reasons=(Reason("quantity", "peak_memory_bytes", _why(first[GROWTH])),),
    )


def _why(grown: int | None) -> str:
    told = "and the system does not tell by how much its process grows"
    if grown is not None:
        told = f"in one forward its process grows by {grown / 2**20:.1f} MiB, which is no such peak"
    return f"It holds memory outside torch, whose counters do not see it; {told}."


def _peaks(runner: Runner, shape: str, device: str) -> Peaks:
    """Bytes by kind: what the runner tells, and what is seen of its process from outside."""
    answer = runner.ask(requests.Memory(shape=parse_shape(shape)))
    peaks: dict[str, int | None] = dict(answer.memory)
    if device.startswith("cuda"):
        # The allocator keeps what it reserved for the peak, so the driver still counts it.
        peaks["process"] = process_bytes(device, runner.pids)
    peaks["rss"] = runner.resident_bytes() or None
    return peaks


def _growth(shape: str, device: str, fresh: Fresh) -> int | None:
    """Bytes by which a process grows that has run nothing of this size before."""
    with fresh() as runner:
        request = requests.GrowProcess(shape=parse_shape(shape))
        if not device.startswith("cuda"):
            return runner.ask(request).memory.get(GROWTH)
        runner.ask(requests.GrowProcess(shape=parse_shape("16x16")))
        before = process_bytes(device, runner.pids)
        runner.ask(request)
        after = process_bytes(device, runner.pids)
        return None if before is None or after is None else max(0, after - before)
