"""Judge side: what a block may take beside its calls.

The request, its answer and the handing over of outputs lie within the judge's wall and outside the
timed calls. What they may take is not asked of the one that is judged: the other lane's blocks,
which had the same shape over the same kind of connection, tell. A part of it comes once a block,
whatever is called in it: that is what a block without calls takes. The rest comes with every call.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence

from esrbench.timing.lane import Block


def outside_ms(block: Block) -> float:
    """Of a block's wall, what lies outside its calls."""
    return block.wall_ms - sum(block.call_ms)


def allowed_by(others: Sequence[Block]) -> Callable[[int], float]:
    """Milliseconds outside that blocks like ``others`` would have with so many calls.

    Where nobody asked for a block without calls (``empty_ms``), one of other calls is granted the
    larger of what it would have if all of it came by block, and if all of it came by call.
    """
    outside = max(0.0, statistics.median(map(outside_ms, others)))
    calls = statistics.median(len(block.call_ms) for block in others)
    empty = [block.empty_ms for block in others if block.empty_ms is not None]
    if not empty:
        return lambda count: outside * max(1.0, count / calls)
    once = min(outside, statistics.median(empty))
    return lambda count: once + (outside - once) * count / calls
