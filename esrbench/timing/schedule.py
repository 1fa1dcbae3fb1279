"""Judge side: which block runs when, until the figures are sure or the time is up."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from esrbench.flags import DISTURBS
from esrbench.policies import POLICIES
from esrbench.protocol.schema import Timing
from esrbench.results.record import Runtime, TimingBlock
from esrbench.timing.calibration import calibrate, calls_alone, calls_in_turn
from esrbench.timing.course import Course, Side, Watch
from esrbench.timing.lane import Lane
from esrbench.timing.processes import over_processes
from esrbench.timing.statistics import Interval
from esrbench.timing.stopping import Stopping
from esrbench.timing.summary import baseline_median, runtime_of


@dataclass(frozen=True)
class TimingRun:
    """Everything one measurement of one shape gave."""

    runtime: Runtime
    blocks: list[TimingBlock]
    """All of them in the order they ran, those measured again included."""
    flags: list[str]
    """Short codes: ``clocks-disagree``, ``timers-patched``, ``throttled``, ``few-blocks``,
    ``wide-interval``."""
    ratio: Interval | None = None
    """As in ``runtime``, for whoever computes on."""
    log_ratios: list[float] = field(default_factory=list)
    """What ``ratio`` is made of: of each pair of blocks."""
    baseline_median: float | None = None
    """Of the baseline's calls, in ms, as ``runtime.median`` is of the submission's."""


def _order(paired: bool) -> Iterator[list[Side]]:
    """A B B A, pair by pair; A alone where there is no B. A is the submission."""
    while True:
        yield ["submission", "baseline"] if paired else ["submission"]
        yield ["baseline", "submission"] if paired else ["submission"]


Heard = Callable[[int, float | None], None]
"""Hears how many blocks a lane has run, and the interval's relative half width at the last look."""


def _run_blocks(course: Course, heard: Heard | None) -> tuple[str, Interval]:
    """Blocks until a look's interval is narrow or the time is up: why it ended, and the interval.

    A run only ends after an even count of pairs, so that drift has gone both ways equally.
    """
    timing = course.timing
    stopping = Stopping(timing.min_blocks, timing.max_seconds, timing.target_interval)
    width: float | None = None
    for pairs, sides in enumerate(_order("baseline" in course.lanes), start=1):
        for side in sides:
            course.measure(side)
        if heard is not None:
            heard(pairs, width)
        if pairs % 2:
            continue
        if stopping.is_look(pairs):
            interval = course.interval()
            width = interval.half_width
            if stopping.narrow(interval.half_width):
                return "interval", interval
        if stopping.out_of_time(pairs, course.elapsed()):
            break
    return "time", course.interval()


def _warm_up_and_calibrate(
    lanes: dict[Side, Lane], shape: str, timing: Timing, short_turns: bool
) -> dict[Side, int | None]:
    """Make both lanes ready; the calls that each one's blocks will have."""
    trials = {}
    for side, lane in lanes.items():
        lane.warm_up(shape, timing.warmup_seconds)
        trials[side] = calibrate(lane, shape, timing.block_seconds)
    if "baseline" not in trials:
        return {"submission": calls_alone(trials["submission"], timing.block_seconds)}
    mine, theirs = calls_in_turn(
        trials["submission"], trials["baseline"], timing.block_seconds, short_turns
    )
    return {"submission": mine, "baseline": theirs}


def measure(
    submission: Lane,
    baseline: Lane | None,
    shape: str,
    timing: Timing,
    clock: Callable[[], float] = time.monotonic,
    watch: Watch | None = None,
    short_turns: bool = False,
    heard: Heard | None = None,
) -> TimingRun:
    """Time ``submission`` at ``shape`` against ``baseline`` by the policy of ``timing``.

    Policies ``block``, ``stream`` and ``graph`` warm both lanes up, find how many calls fill a
    block and run A B B A (what the policies change is how a lane runs its block). Policy
    ``ntire`` runs each input once, cold, and compares means: give it lanes whose processes have
    not run the model yet. ``watch`` reads the device where the lanes do not. ``short_turns`` is for
    telling models apart (``timing.calibration``). ``heard`` is told after each pair. What a lane
    raises goes through.
    """
    lanes: dict[Side, Lane] = {"submission": submission}
    if baseline is not None:
        lanes["baseline"] = baseline
    course = Course(lanes, shape, timing, clock, watch)
    ratio: Interval | None = None
    log_ratios: list[float] = []
    if POLICIES[timing.policy].cold:
        course.calls = dict.fromkeys(lanes)
        course.begun = clock()
        for side in lanes:
            course.measure(side)
        stopped, interval = "calls", None
    else:
        course.calls = _warm_up_and_calibrate(lanes, shape, timing, short_turns)
        course.begun = clock()
        stopped, interval = _run_blocks(course, heard)
        if baseline is not None:
            log_ratios = course.log_ratios()
            ratio = over_processes([log_ratios], course.counted["submission"][0].clock)
    mine, theirs = course.counted["submission"], course.counted.get("baseline", [])
    runtime, flags = runtime_of(mine, theirs, shape, timing, stopped, interval, ratio)
    if any(block.void for side in course.counted.values() for block in side):
        flags.append(DISTURBS)
    if baseline is not None:
        runtime = runtime.model_copy(update={"baseline": baseline.label})
    beside = baseline_median(mine, theirs)
    return TimingRun(runtime, course.kept, flags, ratio, log_ratios, beside)
