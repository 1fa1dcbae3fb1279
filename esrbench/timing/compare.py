"""Judge side: which of two models is faster, and how sure that is."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from statistics import median

from esrbench.number_of import number_of
from esrbench.policies import POLICIES
from esrbench.protocol.schema import Timing
from esrbench.timing.calibration import BLOCK_SECONDS
from esrbench.timing.course import Watch
from esrbench.timing.lane import Lane
from esrbench.timing.processes import over_processes
from esrbench.timing.schedule import TimingRun, measure
from esrbench.timing.statistics import TIE_WIDTH, Interval, Verdict, verdict

WHY_STOPPED = {
    "interval": "the interval was narrow enough",
    "time": "the time was up",
    "calls": "every image had been timed once",
}
PROCESSES = 5
"""Of each model, unless told otherwise: what one differs from the next is averaged over them."""
BLOCKS_PART = 0.5
"""Of the interval aimed for: where the blocks' part is narrower, a pair of processes is done."""
WARM_UP_SHARE = 0.1
"""Of a pair of processes' time, at most: many short-lived ones would do little but warm up."""

OpenPair = Callable[[], AbstractContextManager[tuple[Lane, Lane]]]
"""Starts both models in processes of their own, and ends them."""


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
    processes: int
    """Fresh ones of each model."""
    blocks: int
    """Of each model, over all its processes."""
    medians: tuple[float, float]
    """Of each model's calls in ms, the middle one of its processes. Their quotient is no ``ratio``:
    what the machine did meanwhile met the two at different times."""
    seconds: float
    """Of measuring, warm-ups included; starting the processes is not."""
    flags: list[str]
    runs: list[TimingRun]
    """One for each pair of processes."""

    def sentence(self) -> str:
        """``span/c28 is FASTER than rlfn/ntire at 256x256: paired ratio of times 0.581 ...``.

        What each took by itself comes behind it.
        """
        relation = {
            Verdict.FASTER: f"{self.first} is FASTER than {self.second}",
            Verdict.SLOWER: f"{self.first} is SLOWER than {self.second}",
            Verdict.TIE: f"{self.first} and {self.second} TIE",
            Verdict.UNSTABLE: f"{self.first} against {self.second} is UNSTABLE",
        }[self.verdict]
        blocks = number_of(self.blocks, "block")
        processes = number_of(self.processes, "process", "processes")
        return (
            f"{relation} at {self.shape}: paired ratio of times {self.ratio:.4f} "
            f"(95% {self.low:.4f} to {self.high:.4f}), {blocks} of each in "
            f"{processes}; stopped since {WHY_STOPPED[self.stopped]}. Medians, unpaired: "
            f"{self.medians[0]:.4g} ms and {self.medians[1]:.4g} ms."
        )


def compare(
    open_pair: OpenPair,
    shape: str,
    timing: Timing,
    processes: int = PROCESSES,
    clock: Callable[[], float] = time.monotonic,
    watch: Watch | None = None,
) -> Comparison:
    """Measure a pair's first lane against its second (the baseline's role) and judge the ratio.

    ``processes`` pairs of processes are measured one after the other, each opened afresh.
    ``timing.max_seconds`` is for all of them together, warm-ups included; a pair of processes that
    ends early leaves its time to those after it. Raises ValueError for a cold policy, which
    gives no interval to judge by; what a lane raises goes through.
    """
    if POLICIES[timing.policy].cold:
        raise ValueError(
            f"the {timing.policy} policy times each image once and has no interval to judge by"
        )
    runs: list[TimingRun] = []
    spent = late = 0.0
    labels = ("", "")
    for to_come in range(processes, 0, -1):
        # Trial blocks and checks come on top of a share; how much that is, the pairs before showed.
        seconds = max(0.0, (timing.max_seconds - spent) / to_come - late)
        share = _share(timing, seconds, processes)
        with open_pair() as (first, second):
            labels = (first.label, second.label)
            begun = clock()
            runs.append(measure(first, second, shape, share, clock, watch, short_turns=True))
            took = clock() - begun
        spent += took
        late = max(late, took - seconds)
    ratios = [run.log_ratios for run in runs]
    interval = over_processes(ratios, runs[0].runtime.clock)
    return Comparison(
        first=labels[0],
        second=labels[1],
        shape=shape,
        ratio=interval.value,
        low=interval.low,
        high=interval.high,
        verdict=verdict(interval, timing.target_interval),
        stopped="time" if any(run.runtime.stopped == "time" for run in runs) else "interval",
        processes=processes,
        blocks=sum(run.runtime.blocks for run in runs),
        medians=(
            median(run.runtime.median for run in runs),
            median(run.baseline_median or math.nan for run in runs),
        ),
        seconds=spent,
        flags=_flags(runs, interval, timing),
        runs=runs,
    )


def _share(timing: Timing, seconds: float, processes: int) -> Timing:
    """``timing`` for one pair of processes that has ``seconds``, warm-ups included.

    The mean over ``processes`` is surer than each, by the root of their number. Blocks are to make
    up no more than :data:`BLOCKS_PART` of the interval aimed for: the processes add theirs.
    """
    block = timing.block_seconds or min(BLOCK_SECONDS.values())
    warm_up = min(timing.warmup_seconds, WARM_UP_SHARE / 2 * seconds)
    around = 2 * warm_up + 4 * block  # a last turn is four blocks
    return timing.model_copy(
        update={
            "warmup_seconds": warm_up,
            "max_seconds": max(block, seconds - around),
            "target_interval": BLOCKS_PART * timing.target_interval * processes**0.5,
        }
    )


def _flags(runs: list[TimingRun], interval: Interval, timing: Timing) -> list[str]:
    """What a reader must know of any run; how sure they are is said of all of them together."""
    flags = {flag: None for run in runs for flag in run.flags if flag != "wide-interval"}
    if not interval.half_width <= TIE_WIDTH * timing.target_interval:
        flags["wide-interval"] = None
    return list(flags)
