"""For which input a published count is: only counts at one size may be held against each other."""

from __future__ import annotations

import re
from collections.abc import Sequence


def counted_alike(macs_at: str, input_shape: Sequence[int], scale: int) -> bool:
    """Whether a published count is for the input ``(1, 3, H, W)`` that was counted at here.

    ``1x3x256x256`` is an LR input, ``1280x720 output`` an HR size, width x height.

    >>> counted_alike("1280x720 output", (1, 3, 180, 320), 4)
    True
    """
    sizes = [int(size) for size in re.findall(r"\d+", macs_at)]
    if "output" in macs_at and len(sizes) == 2:
        return (sizes[1] // scale, sizes[0] // scale) == tuple(input_shape[2:])
    return sizes == list(input_shape)
