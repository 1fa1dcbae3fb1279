"""The Gaussian window and constants of SSIM (Wang et al. 2004, section III.B)."""

from __future__ import annotations

import math

SIZE = 11
"""Side of the window in pixels; also the smallest image that has a 'valid' position."""
SIGMA = 1.5
C1 = (0.01 * 255) ** 2
C2 = (0.03 * 255) ** 2


def gaussian() -> tuple[float, ...]:
    """The 11 weights along one axis, sum 1; the 2-D window of the paper is their outer product."""
    raw = [math.exp(-((i - SIZE // 2) ** 2) / (2 * SIGMA**2)) for i in range(SIZE)]
    total = math.fsum(raw)
    return tuple(weight / total for weight in raw)
