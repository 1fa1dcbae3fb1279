"""Judge side: does the runner's clock agree with the judge's?

The runner shares a process with the submission, which may patch its timers or leave work undone
when it returns. It cannot patch the judge's clock around the block. Times inside that add up to
more than the wall outside are impossible; a wall far above them means hidden work.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from esrbench.timing.lane import Block
from esrbench.timing.outside import allowed_by, outside_ms
from esrbench.timing.statistics import Interval, centre_interval

ROUNDING, ROUNDING_MS = 1.002, 0.1
"""Inner times may exceed the wall by what two clocks differ, not by more."""
MUCH = 1.5
"""A wall this many times what it should be is not explained by jitter."""
LEAST_EXCESS_MS = 0.5
"""... and it must be more than this for each call."""
SHAVED = 0.03
"""A wall that is longer than it should be by this share, whatever the blocks' own spread leaves
open. Honest networks stay below it on a machine that other work keeps busy
(``benchmarks/clock_agreement.py``; docs/security.md has the figures)."""
SHAVED_EXCESS_MS, SHAVED_OUTSIDE = 0.2, 0.5
"""... and by more than this for each call, and than this share of what it may take outside:
networks leave caches and memory behind in which handing over an output takes longer or shorter."""
LEAST_BLOCKS = 4
"""Of fewer no spread is told."""
ALLOWED_PER_BLOCK_MS = 20.0
ALLOWED_PER_CALL_MS = 3.0
"""What sending a request and preparing inputs may take when there is no baseline to tell ..."""
ALLOWED_BYTES_PER_MS = 5e5
"""... and handing over outputs, at half a gigabyte a second."""


def overhead_per_call(blocks: Sequence[Block]) -> float:
    """Median over blocks of the wall milliseconds that lie outside the timed calls, per call."""
    return statistics.median(outside_ms(b) / len(b.call_ms) for b in blocks)


def clocks_disagree(blocks: Sequence[Block], baseline: Sequence[Block] = ()) -> bool:
    """Whether the two clocks contradict each other.

    One block whose calls add up to more than its wall is enough. A wall that is too long has to
    be the rule, since any block can meet a busy machine: the median of it, where it is far too
    long, else what the spread of the blocks leaves of it (:func:`beyond`). What a call's overhead
    may be is taken from the baseline where there is one.
    """
    if not blocks:
        return False
    if any(sum(b.call_ms) > ROUNDING * b.wall_ms + ROUNDING_MS for b in blocks):
        return True
    calls = statistics.median(len(b.call_ms) for b in blocks)
    inner = statistics.median(sum(b.call_ms) / len(b.call_ms) for b in blocks)
    handed = statistics.median(b.output_bytes / len(b.call_ms) for b in blocks)
    allowed = ALLOWED_PER_CALL_MS + ALLOWED_PER_BLOCK_MS / calls + handed / ALLOWED_BYTES_PER_MS
    if baseline:
        allowed = max(0.0, overhead_per_call(baseline))
        if _shaved(blocks, baseline):
            return True
    excess = overhead_per_call(blocks) - allowed
    return excess > LEAST_EXCESS_MS and inner + allowed + excess > MUCH * (inner + allowed)


def beyond(blocks: Sequence[Block], baseline: Sequence[Block]) -> Interval:
    """By which share the wall is longer than calls and what they may take beside them explain.

    With its interval, from the pairs in the order they ran: what either side's blocks scatter
    widens it. The value is a share of that explained time, 0 where the clocks agree.
    """
    return Interval(*centre_interval([_excess(m, b).share for m, b in _pairs(blocks, baseline)]))


def _shaved(blocks: Sequence[Block], baseline: Sequence[Block]) -> bool:
    """Whether even the lower end of that share is more than honest networks have."""
    if min(len(blocks), len(baseline)) < LEAST_BLOCKS:
        return False
    more = statistics.median(_excess(m, b).per_call_ms for m, b in _pairs(blocks, baseline))
    calls = round(statistics.median(len(block.call_ms) for block in blocks))
    least = max(SHAVED_EXCESS_MS, SHAVED_OUTSIDE * allowed_by(baseline)(calls) / calls)
    return more > least and beyond(blocks, baseline).low > SHAVED


def _pairs(blocks: Sequence[Block], baseline: Sequence[Block]) -> Iterator[tuple[Block, Block]]:
    return zip(blocks, baseline, strict=False)


class _Excess(NamedTuple):
    """What a block's wall has beyond what the block beside it explains."""

    share: float
    """Of what is explained."""
    per_call_ms: float


def _excess(block: Block, other: Block) -> _Excess:
    calls = len(block.call_ms)
    explained = sum(block.call_ms) + allowed_by([other])(calls)
    more = block.wall_ms - explained
    return _Excess(more / explained if explained > 0 else 0.0, more / calls)


def wall_ratio(blocks: Sequence[Block]) -> float | None:
    """Wall over inner times, all blocks together; None when nothing was timed."""
    inner = sum(sum(b.call_ms) for b in blocks)
    return sum(b.wall_ms for b in blocks) / inner if inner > 0 else None
