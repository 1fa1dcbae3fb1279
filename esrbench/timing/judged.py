"""Judge side: blocks on the judge's clock.

The clock inside is in the hands of whoever runs there: it may leave out a part of every call, and
nothing of a single call can be seen from outside. The wall around a block can: it holds all calls,
the preparation of their inputs and the handing over of their outputs. What the latter two take is
the same for the submission and for what it is timed against, which ran the same shape over the same
kind of connection; the lesser of both is granted, so that neither gains by taking longer there.

The times inside are stretched so that they add up to the wall less what is granted. What decides is
then the judge's clock; the inner one only says how a block's time is spread over its calls.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import replace

from esrbench.timing.lane import Block


def on_the_judges_clock(
    blocks: Sequence[Block], others: Sequence[Block]
) -> tuple[list[Block], list[Block]]:
    """Both sides' blocks with ``call_ms`` that add up to what the judge's clock says.

    Without ``others`` nothing tells what lies outside the calls, and the times stand as they are:
    then only :func:`~esrbench.timing.clocks.clocks_disagree` holds them.
    """
    if not blocks or not others:
        return list(blocks), list(others)
    return _stretched(blocks, others), _stretched(others, blocks)


def _stretched(blocks: Sequence[Block], others: Sequence[Block]) -> list[Block]:
    own, beside = _outside(blocks), _outside(others)
    calls, theirs = (statistics.median(len(b.call_ms) for b in side) for side in (blocks, others))
    # In part by block and in part by call: a block of other calls is granted the larger of both.
    granted = max(0.0, min(own, beside * max(1.0, calls / theirs)))
    return [_stretch(block, granted * len(block.call_ms) / calls) for block in blocks]


def _outside(blocks: Sequence[Block]) -> float:
    """Milliseconds of a block's wall that are outside its calls, in the median."""
    return statistics.median(block.wall_ms - sum(block.call_ms) for block in blocks)


def _stretch(block: Block, granted: float) -> Block:
    inside = sum(block.call_ms)
    judged = block.wall_ms - granted
    if inside <= 0 or judged <= 0:
        return block
    return replace(block, call_ms=tuple(ms * judged / inside for ms in block.call_ms))
