"""Judge side: one measurement under way: its lanes, its clock, and the blocks they have given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal, Protocol

from esrbench.protocol.schema import Timing
from esrbench.results.record import TimingBlock
from esrbench.timing.judged import on_the_judges_clock
from esrbench.timing.lane import Block, DeviceState, Lane
from esrbench.timing.pairs import log_ratios
from esrbench.timing.statistics import Interval, median_interval, ratio_interval

Side = Literal["submission", "baseline"]

RETRIES = 6
"""Throttled and void blocks that are measured again, in one run."""


class Watch(Protocol):
    """What reads the device while a block runs (``timing.throttle.GpuWatch``)."""

    def start(self) -> None:
        """Begin to read."""
        ...

    def stop(self) -> DeviceState:
        """End, and say what was seen."""
        ...


@dataclass
class Course:
    """A run under way: its lanes, its clock, and what they have given."""

    lanes: dict[Side, Lane]
    shape: str
    timing: Timing
    clock: Callable[[], float]
    watch: Watch | None
    calls: dict[Side, int | None] = field(default_factory=dict)
    counted: dict[Side, list[Block]] = field(default_factory=dict)
    kept: list[TimingBlock] = field(default_factory=list)
    retries: int = RETRIES
    begun: float = 0.0

    def elapsed(self) -> float:
        """Seconds since the first counted block was asked for."""
        return self.clock() - self.begun

    def ask(self, side: Side) -> Block:
        """One block of ``side``, with the watch's reading where the lane gives none."""
        if self.watch is not None:
            self.watch.start()
        state: DeviceState | None = None
        try:
            block = self.lanes[side].block(self.shape, self.calls[side])
        finally:
            if self.watch is not None:
                state = self.watch.stop()
        if block.device is not None or state is None:
            return block
        return replace(block, device=state)

    def measure(self, side: Side) -> None:
        """One counted block; one that says nothing is measured again while retries last."""
        while True:
            started = self.elapsed()
            block = self.ask(side)
            throttled = block.device is not None and block.device.throttled is True
            again = (throttled or block.void is not None) and self.retries > 0
            self.kept.append(_as_record(block, self.shape, side, started, counted=not again))
            if not again:
                self.counted.setdefault(side, []).append(block)
                return
            self.retries -= 1

    def judged(self) -> tuple[list[Block], list[Block]]:
        """The counted blocks of submission and baseline, on the judge's clock."""
        return on_the_judges_clock(self.counted["submission"], self.counted.get("baseline", []))

    def log_ratios(self) -> list[float]:
        """Of the pairs of blocks so far."""
        return log_ratios(*([block.call_ms for block in side] for side in self.judged()))

    def interval(self) -> Interval:
        """Of the paired ratio, or of the median where there is no baseline."""
        if "baseline" not in self.lanes:
            return median_interval([block.call_ms for block in self.counted["submission"]])
        return ratio_interval(self.log_ratios())


def _as_record(block: Block, shape: str, side: Side, started: float, counted: bool) -> TimingBlock:
    state = block.device or DeviceState()
    return TimingBlock(
        shape=shape,
        lane=side,
        call_ms=list(block.call_ms),
        wall_ms=block.wall_ms,
        started=started,
        clock_mhz=state.clock_mhz,
        temperature_c=state.temperature_c,
        power_w=state.power_w,
        throttled=state.throttled,
        counted=counted,
        process_ms=block.process_ms,
        energy_j=state.energy_j,
        empty_ms=block.empty_ms,
        void=block.void,
    )
