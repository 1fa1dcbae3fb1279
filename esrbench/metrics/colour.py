"""The Y of YCbCr that super-resolution papers score: BT.601, studio range.

The same figures as MATLAB's ``rgb2ycbcr`` gives: 16 for black, 235 for white.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

Channel = Literal["rgb", "y", "y-u8"]
"""What a metric looks at: the three channels, unrounded Y, or Y rounded to uint8.

Unrounded Y is what MATLAB computes from doubles (RCAN's, EDSR's and most evaluation scripts);
rounded Y is what it computes from uint8 images (SelfExSR's and IMDN's).
"""

RED, GREEN, BLUE = 65_481.0, 128_553.0, 24_966.0
"""Weights of R, G, B in thousandths, so that a weighted sum of uint8 values is exact."""
SCALE = 255_000.0
BLACK = 16.0


def luma(image: NDArray[np.uint8], *, rounded: bool = False) -> NDArray[np.float64]:
    """Y of an (H, W, 3) RGB image as float64 (H, W), in [16, 235]; (H, W) grey stays as it is.

    ``rounded`` rounds half up, as MATLAB does for uint8 images; the result is float64 still.
    """
    if image.ndim == 2:
        return image.astype(np.float64)
    rgb = image.astype(np.float64)
    weighted = RED * rgb[..., 0] + GREEN * rgb[..., 1] + BLUE * rgb[..., 2]
    if rounded:  # adding the half to the exact sum: ties go up, whatever a division rounds to
        return BLACK + np.floor((weighted + SCALE / 2) / SCALE)
    return BLACK + weighted / SCALE


def planes(image: NDArray[np.uint8], channel: Channel) -> list[NDArray[np.float64]]:
    """The float64 (H, W) planes that ``channel`` stands for; a grey image has the one."""
    if image.ndim == 2:
        return [image.astype(np.float64)]
    if channel == "rgb":
        return [image[..., c].astype(np.float64) for c in range(3)]
    return [luma(image, rounded=channel == "y-u8")]
