"""Of a record: how long a forward took, and every raw time."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from esrbench.policies import policy_of
from esrbench.results.part import Part


class Runtime(Part):
    """Milliseconds for one forward at one LR shape; the spread is over calls of all blocks."""

    shape: str
    """LR height x width."""
    median: float
    mean: float
    p5: float
    p95: float
    min: float
    max: float
    calls: int
    blocks: int
    policy: str
    clock: str
    """What the calls were timed with: ``cuda-event`` or ``perf_counter_ns``."""
    wall_ratio: float | None = None
    """The judge's wall clock around the blocks, over the sum of the calls timed inside them."""
    ratio: float | None = None
    """Paired ratio to the baseline: below 1 is faster."""
    ratio_low: float | None = None
    ratio_high: float | None = None
    """95% interval of ``ratio``."""
    baseline: str | None = None
    stopped: str | None = None
    """Why measuring ended: "interval", "time", "calls"."""
    median_low: float | None = None
    median_high: float | None = None
    """95% interval of the median over blocks, milliseconds; it does not cancel drift."""
    verdict: str | None = None
    """FASTER, SLOWER, TIE or UNSTABLE against the baseline."""
    process_ms: float | None = None
    """CPU time of one call, all threads added; mean over calls."""
    by_image_ms: dict[str, float] = Field(default_factory=dict)
    """Medians by the number of the timed image, slowest last, where the image decides."""
    energy_j: float | None = None
    """Joules the device used for one call, mean over calls, where it can tell."""
    inner_median: float | None = None
    """The median by the clock inside the submission's process; all else is by the judge's. None in
    older records, where all is by the inner one."""

    @property
    def statistic(self) -> Literal["mean", "median"]:
        """What of the calls a row is known by, by its policy."""
        return policy_of(self.policy).statistic

    @property
    def known_by(self) -> float:
        """The one figure that every table, plot and sentence has."""
        return self.mean if self.statistic == "mean" else self.median


class TimingBlock(Part):
    """The raw times of one block of calls, kept so that any statistic can be made again.

    ``call_ms`` are by the clock inside; what counts is stretched to ``wall_ms``
    (``timing/judged.py``).
    """

    shape: str
    lane: str
    """``submission`` or ``baseline``."""
    call_ms: list[float]
    wall_ms: float
    """The judge's own clock around the whole block, the request included."""
    started: float
    """Seconds since the timing began."""
    clock_mhz: float | None = None
    temperature_c: float | None = None
    power_w: float | None = None
    throttled: bool | None = None
    """Measured again where it was; a throttled block counts only when retries ran out."""
    empty_ms: float | None = None
    """The same clock around a block without calls, behind it."""
    counted: bool = True
    """False for a block that was measured again."""
    process_ms: float | None = None
    """CPU time within the calls, all threads added."""
    energy_j: float | None = None
    void: str | None = None
    """Why it says nothing; measured again where that was possible."""
