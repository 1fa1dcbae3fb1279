"""Judge side: blocks on the judge's clock.

The clock inside is in the hands of whoever runs there: it may leave out a part of every call, and
nothing of a single call can be seen from outside. The wall around a block can: it holds all calls,
the preparation of their inputs and the handing over of their outputs. What the latter two take is
the same for the submission and for what it is timed against (``timing/outside.py``); the lesser of
both is granted, so that neither gains by taking longer there.

The times inside are stretched so that they add up to the wall less what is granted. What decides is
then the judge's clock; the inner one only says how a block's time is spread over its calls.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import replace

from esrbench.timing.lane import Block
from esrbench.timing.outside import allowed_by, outside_ms


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
    own = max(0.0, statistics.median(map(outside_ms, blocks)))
    calls = statistics.median(len(block.call_ms) for block in blocks)
    allowed = allowed_by(others)
    return [
        _stretch(block, min(own * len(block.call_ms) / calls, allowed(len(block.call_ms))))
        for block in blocks
    ]


def _stretch(block: Block, granted: float) -> Block:
    inside = sum(block.call_ms)
    judged = block.wall_ms - granted
    if inside <= 0 or judged <= 0:
        return block
    return replace(block, call_ms=tuple(ms * judged / inside for ms in block.call_ms))
