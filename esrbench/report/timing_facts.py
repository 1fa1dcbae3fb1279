"""What a record says of its runtime: a line a shape, the sizes, every block over time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from esrbench.protocol.schema import parse_shape
from esrbench.quantities.quantity import number
from esrbench.report.numbers import fixed, significant, spent
from esrbench.results.record import RunRecord


def runtimes(record: RunRecord) -> list[list[str]]:
    """One line a shape: shape, median, mean, p5–p95, calls, blocks, ratio, stopped, clock, wall
    over inside, CPU time, energy; "" for what is missing."""
    runs = list(record.runtime_by_shape)
    if record.runtime_ms and record.runtime_ms.shape not in {run.shape for run in runs}:
        runs.insert(0, record.runtime_ms)
    lines = []
    for run in runs:
        ratio = spent(run.ratio, 3)
        if run.ratio_low is not None and run.ratio_high is not None:
            ratio += f" ({spent(run.ratio_low, 3)}–{spent(run.ratio_high, 3)})"
        lines.append([
            run.shape.replace("x", "×"), significant(run.median, 4), significant(run.mean, 4),
            f"{significant(run.p5, 4)}–{significant(run.p95, 4)}", f"{run.calls:,}",
            str(run.blocks), ratio, run.stopped or "", run.clock, fixed(run.wall_ratio, 3),
            significant(number(run.process_ms), 4), significant(number(run.energy_j), 3),
        ])  # fmt: skip
    return lines


@dataclass(frozen=True)
class Size:
    """The runtime at one LR shape, in milliseconds."""

    pixels: int
    shape: str
    ms: float
    p5: float
    p95: float


def by_pixels(record: RunRecord) -> list[Size]:
    """The runtime at each LR shape, the smallest first; shapes that are no sizes are left out, and
    so are times that are no numbers above 0."""
    sizes = []
    for run in record.runtime_by_shape:
        try:
            _, _, height, width = parse_shape(run.shape)
        except ValueError:
            continue
        if all(0 < ms < float("inf") for ms in (run.median, run.p5, run.p95)):
            sizes.append(Size(height * width, run.shape, run.median, run.p5, run.p95))
    return sorted(sizes, key=lambda size: size.pixels)


@dataclass(frozen=True)
class DrawnBlock:
    """One block of calls as the plot over time shows it."""

    lane: str
    started: float
    """Seconds since the timing began."""
    clock: float | None
    """MHz."""
    ms: list[float]
    throttled: bool
    step: int
    """Every how manieth call was kept."""

    def calls(self) -> list[tuple[float, float]]:
        """When each call began, in seconds, and how long it took, in milliseconds."""
        found, at = [], self.started
        for ms in self.ms:
            found.append((at, ms))
            at += self.step * ms / 1000
        return found


def time_blocks(record: RunRecord) -> list[DrawnBlock]:
    """The blocks of the ranked shape, each call to four digits, for the plot over time."""
    shape = record.runtime_ms.shape if record.runtime_ms else None
    blocks = []
    for b in record.timing_blocks:
        if shape is None or b.shape == shape:
            kept, step = _thinned([ms for ms in b.call_ms if 0 <= ms < float("inf")])
            ms = [float(f"{ms:.4g}") for ms in kept]
            blocks.append(DrawnBlock(b.lane, round(b.started, 3), b.clock_mhz, ms,
                                bool(b.throttled), step))  # fmt: skip
    return blocks


def _thinned(calls: Sequence[float], most: int = 200) -> tuple[list[float], int]:
    """At most ``most`` calls, evenly taken, the first always; and every how manieth that is."""
    step = max(1, -(-len(calls) // most))
    return list(calls[::step]), step
