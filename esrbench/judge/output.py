"""Is what came back an SR image at all? Each failure in a sentence with its cure."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from esrbench.judge.connection import RunnerRejected

_FAR_ABOVE_ONE = 16.0
"""No network for [0, 1] overshoots this far; one for [0, 255] does on any image but a black one."""
_NEAR_ONE = 2.0
"""No natural image stays below this in [0, 255]."""


def check_shape(
    answered: Sequence[int], lr_shape: tuple[int, ...], scale: int
) -> tuple[int, int, int, int]:
    """The SR shape for ``lr_shape`` ``(N, 3, H, W)``; raises RunnerRejected for any other."""
    n, c, height, width = lr_shape
    expected = (n, c, height * scale, width * scale)
    if tuple(answered) != expected:
        raise RunnerRejected(
            f"For LR {_size(lr_shape)} it returned {_size(answered)}, not {_size(expected)}; check "
            f"the scale (x{scale}) and, if it needs padding, `multiple` in submission.yaml."
        )
    return expected


def check_values(sr: NDArray[np.float32], data_range: float) -> None:
    """Raise RunnerRejected unless ``sr`` is finite and looks like an image in its range."""
    lowest, highest = float(sr.min()), float(sr.max())
    if not (math.isfinite(lowest) and math.isfinite(highest)):  # NaN goes through min and max
        raise RunnerRejected(
            f"{1 - np.isfinite(sr).mean():.1%} of its output is NaN or infinite; check the weights "
            f"and the input range (data_range is {data_range:g})."
        )
    peak = max(-lowest, highest)
    if data_range == 1.0 and peak > _FAR_ABOVE_ONE:
        raise RunnerRejected(
            f"Its output reaches {peak:.4g}: the range looks like [0, 255], submission.yaml says "
            "data_range: 1.0."
        )
    if data_range == 255.0 and peak <= _NEAR_ONE:
        raise RunnerRejected(
            f"Its output stays below {peak:.4g}: the range looks like [0, 1], submission.yaml says "
            "data_range: 255.0."
        )


def _size(shape: Sequence[int]) -> str:
    return "x".join(str(size) for size in shape)
