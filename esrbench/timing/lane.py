"""Judge side: a lane is one model, in a process of its own, that runs blocks when asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True)
class DeviceState:
    """What the device reported while a block ran; None is what it cannot tell."""

    clock_mhz: float | None = None
    """Lowest SM clock seen."""
    temperature_c: float | None = None
    power_w: float | None = None
    """Highest draw seen."""
    energy_j: float | None = None
    """Used by the whole device during the block."""
    throttled: bool | None = None
    reasons: tuple[str, ...] = ()
    """Why the clock was held down, by NVML's names."""


@dataclass(frozen=True)
class Block:
    """One block of calls as the judge saw it."""

    call_ms: tuple[float, ...]
    """The runner's times, one a call."""
    wall_ms: float
    """The judge's own clock from sending the request to having the answer."""
    clock: str = "perf_counter_ns"
    """What the runner timed with: ``perf_counter_ns`` or ``cuda-event``."""
    process_ms: float | None = None
    """The runner's CPU time within the calls, all threads added."""
    tampered: tuple[str, ...] = field(default=())
    """Timers the runner found replaced."""
    device: DeviceState | None = None
    """None lets the schedule's own watch fill it in."""
    output_bytes: int = 0
    """Of all outputs, which are handed over within the block, outside the calls."""
    empty_ms: float | None = None
    """The same of a block without calls that was asked for behind it; None where none was."""
    void: str | None = None
    """Why it says nothing, in words: somebody else's processes worked, or its own were stopped."""


class Lane(Protocol):
    """One model that can be asked for blocks. Lanes of a comparison never run at the same time.

    ``shape`` is an LR size (``256x256``: natural images of that size, new values every call) or
    whatever else the lane knows by name (a data set: its images at their own sizes).
    """

    label: str
    """``span/c28``: who it is, for the record."""

    def warm_up(self, shape: str, seconds: float) -> None:
        """Call for ``seconds`` and until the times have settled (see ``timing.warmup``)."""
        ...

    def block(self, shape: str, calls: int | None) -> Block:
        """Run ``calls`` calls, or with None each input of ``shape`` exactly once, in order.

        Raises what the judge raises when the child fails, hangs or is gone.
        """
        ...
