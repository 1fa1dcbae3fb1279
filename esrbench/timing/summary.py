"""Judge side: from counted blocks to the figures and flags of a record."""

from __future__ import annotations

from collections.abc import Sequence

from esrbench.protocol.schema import Timing
from esrbench.results.record import Runtime
from esrbench.timing.clocks import clocks_disagree, wall_ratio
from esrbench.timing.judged import on_the_judges_clock
from esrbench.timing.lane import Block
from esrbench.timing.statistics import (
    LEAST_FOR_RANKS,
    Interval,
    median_interval,
    summarise,
    verdict,
)


def _calls(blocks: Sequence[Block]) -> list[float]:
    return [ms for block in blocks for ms in block.call_ms]


def _mean_per_call(totals: Sequence[float | None], calls: int) -> float | None:
    """Sum of ``totals`` over ``calls``; None when a block did not tell."""
    known = [total for total in totals if total is not None]
    return sum(known) / calls if calls and len(known) == len(totals) else None


def flags_of(
    blocks: Sequence[Block],
    baseline: Sequence[Block],
    timing: Timing,
    interval: Interval | None,
) -> list[str]:
    """What a reader must know of how the figures came about.

    ``clocks-disagree``: the judge's wall clock contradicts the runner's times.
    ``timers-patched``: the submission replaced a timer. ``throttled``: a counted block was.
    ``few-blocks``: too few for the interval to lean on ranks. ``wide-interval``: time ran out
    before the interval was narrow.
    """
    flags = []
    if clocks_disagree(blocks, baseline):
        flags.append("clocks-disagree")
    if any(block.tampered for block in blocks):
        flags.append("timers-patched")
    if any(b.device is not None and b.device.throttled for b in [*blocks, *baseline]):
        flags.append("throttled")
    if interval is not None:
        if len(blocks) < LEAST_FOR_RANKS:
            flags.append("few-blocks")
        if not interval.half_width <= timing.target_interval:
            flags.append("wide-interval")
    return flags


def runtime_of(
    blocks: Sequence[Block],
    baseline: Sequence[Block],
    shape: str,
    timing: Timing,
    stopped: str,
    interval: Interval | None,
    ratio: Interval | None,
) -> tuple[Runtime, list[str]]:
    """The runtime of a record and its flags, from the counted blocks of both lanes.

    ``interval`` is that of the blocks' paired ratio when there is a baseline, else that of the
    median; ``ratio`` is the former with what processes differ by. Both are None under the policy
    ``ntire``, whose ratio of means has none.
    """
    judged, others = on_the_judges_clock(blocks, baseline)
    calls = _calls(judged)
    summary = summarise(calls)
    energy = [b.device.energy_j if b.device else None for b in blocks]
    runtime = Runtime(
        shape=shape,
        blocks=len(blocks),
        policy=timing.policy,
        clock=blocks[0].clock,
        wall_ratio=wall_ratio(blocks),
        inner_median=summarise(_calls(blocks)).median,
        stopped=stopped,
        process_ms=_mean_per_call([b.process_ms for b in blocks], len(calls)),
        energy_j=_mean_per_call(energy, len(calls)),
        **vars(summary),
    )
    if baseline and ratio is None:
        runtime.ratio = summary.mean / summarise(_calls(others)).mean
    elif ratio is not None:
        runtime.ratio = ratio.value
        runtime.ratio_low, runtime.ratio_high = ratio.low, ratio.high
        runtime.verdict = verdict(ratio, timing.target_interval).value
    if interval is not None:
        median = median_interval([b.call_ms for b in judged])
        runtime.median_low, runtime.median_high = median.low, median.high
    return runtime, flags_of(blocks, baseline, timing, interval)


def baseline_median(blocks: Sequence[Block], baseline: Sequence[Block]) -> float | None:
    """The median of the baseline's calls, ms, on the clock of ``runtime_of``; None without one."""
    _, others = on_the_judges_clock(blocks, baseline)
    return summarise(_calls(others)).median if others else None
