"""Judge side: which of two models is faster, and how sure that is."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from esrbench.protocol.schema import Timing
from esrbench.timing.course import Watch
from esrbench.timing.lane import Lane
from esrbench.timing.schedule import TimingRun, measure
from esrbench.timing.statistics import Verdict, verdict

WHY_STOPPED = {
    "interval": "the interval was narrow enough",
    "time": "the time was up",
    "calls": "every image had been timed once",
}


@dataclass(frozen=True)
class Comparison:
    """``first`` against ``second``: below 1 means that ``first`` is faster."""

    first: str
    second: str
    shape: str
    ratio: float
    low: float
    high: float
    """95% interval of ``ratio``."""
    verdict: Verdict
    stopped: str
    """``interval`` or ``time``; :data:`WHY_STOPPED` has the words."""
    blocks: int
    """Of each model."""
    seconds: float
    """From the first request to the last answer, warm-up included."""
    flags: list[str]
    run: TimingRun

    def sentence(self) -> str:
        """``span/c28 is FASTER than rlfn/ntire at 256x256: 0.581 (95% 0.575 to 0.588), ...``."""
        relation = {
            Verdict.FASTER: f"{self.first} is FASTER than {self.second}",
            Verdict.SLOWER: f"{self.first} is SLOWER than {self.second}",
            Verdict.TIE: f"{self.first} and {self.second} TIE",
            Verdict.UNSTABLE: f"{self.first} against {self.second} is UNSTABLE",
        }[self.verdict]
        return (
            f"{relation} at {self.shape}: {self.ratio:.4f} "
            f"(95% {self.low:.4f} to {self.high:.4f}), {self.blocks} blocks of each; "
            f"stopped since {WHY_STOPPED[self.stopped]}."
        )


def compare(
    first: Lane,
    second: Lane,
    shape: str,
    timing: Timing,
    clock: Callable[[], float] = time.monotonic,
    watch: Watch | None = None,
) -> Comparison:
    """Measure ``first`` against ``second`` (the baseline's role) and judge the ratio.

    Raises ValueError for the policy ``ntire``, which gives no interval to judge by.
    """
    if timing.policy == "ntire":
        raise ValueError("the ntire policy times each image once and has no interval to judge by")
    begun = clock()
    run = measure(first, second, shape, timing, clock, watch)
    if run.ratio is None:
        raise ValueError("nothing was measured to judge by")
    return Comparison(
        first=first.label,
        second=second.label,
        shape=shape,
        ratio=run.ratio.value,
        low=run.ratio.low,
        high=run.ratio.high,
        verdict=verdict(run.ratio, timing.target_interval),
        stopped=run.runtime.stopped or "time",
        blocks=run.runtime.blocks,
        seconds=clock() - begun,
        flags=run.flags,
        run=run,
    )
