"""Judge side: does the runner's clock agree with the judge's?

The runner shares a process with the submission, which may patch its timers or leave work undone
when it returns. It cannot patch the judge's clock around the block. Times inside that add up to
more than the wall outside are impossible; a wall far above them means hidden work.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from esrbench.timing.lane import Block

ROUNDING, ROUNDING_MS = 1.002, 0.1
"""Inner times may exceed the wall by what two clocks differ, not by more."""
MUCH = 1.5
"""A wall this many times what it should be is not explained by jitter."""
LEAST_EXCESS_MS = 0.5
"""... and it must be more than this for each call."""
SHAVED = 1.15
"""A wall this many times what it should be, in three blocks of four: a neighbour comes and goes."""
SHAVED_EXCESS_MS = 0.2
"""... and more than this for each call, beyond what the baseline's blocks take outside."""
LEAST_BLOCKS = 4
"""Of fewer no rule is told."""
ALLOWED_PER_BLOCK_MS = 20.0
ALLOWED_PER_CALL_MS = 3.0
"""What sending a request and preparing inputs may take when there is no baseline to tell ..."""
ALLOWED_BYTES_PER_MS = 5e5
"""... and handing over outputs, at half a gigabyte a second."""


def overhead_per_call(blocks: Sequence[Block]) -> float:
    """Median over blocks of the wall milliseconds that lie outside the timed calls, per call."""
    return statistics.median((b.wall_ms - sum(b.call_ms)) / len(b.call_ms) for b in blocks)


def clocks_disagree(blocks: Sequence[Block], baseline: Sequence[Block] = ()) -> bool:
    """Whether the two clocks contradict each other.

    One block whose calls add up to more than its wall is enough. A wall that is too long has to
    be the rule (the median over blocks, or by less three blocks of four), since any block can meet
    a busy machine. What a call's overhead may be is taken from the baseline where there is one: it
    ran the same shape over the same connection.
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


def _shaved(blocks: Sequence[Block], baseline: Sequence[Block]) -> bool:
    """Whether the time outside the calls is steadily more than what the baseline's blocks take.

    That is in part by block (the request, the output that is handed over) and in part by call, so
    that a block of other calls is granted the larger of both.
    """
    if len(blocks) < LEAST_BLOCKS:
        return False
    outside = statistics.median(b.wall_ms - sum(b.call_ms) for b in baseline)
    calls = statistics.median(len(b.call_ms) for b in baseline)

    def excess(block: Block) -> float:
        """Beyond what is explained, as a share of it; 0 where it is too little to tell."""
        granted = max(0.0, outside) * max(1.0, len(block.call_ms) / calls)
        beyond = block.wall_ms - sum(block.call_ms) - granted
        told = beyond > SHAVED_EXCESS_MS * len(block.call_ms)
        return beyond / (sum(block.call_ms) + granted) if told else 0.0

    return sorted(map(excess, blocks))[len(blocks) // 4] > SHAVED - 1


def wall_ratio(blocks: Sequence[Block]) -> float | None:
    """Wall over inner times, all blocks together; None when nothing was timed."""
    inner = sum(sum(b.call_ms) for b in blocks)
    return sum(b.wall_ms for b in blocks) / inner if inner > 0 else None
