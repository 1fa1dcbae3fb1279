"""Two images that can be compared: what they must be, and how their border is cut."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from esrbench.errors import UsageError


def check_pair(sr: NDArray[Any], hr: NDArray[Any], crop: int, *, smallest: int = 1) -> None:
    """Raise UsageError unless SR and HR are uint8, equal in size, and large enough.

    Each is (H, W, 3) RGB or (H, W) grey. ``smallest`` is the side, in pixels, that must be left
    when ``crop`` pixels are cut off each border.
    """
    for name, image in (("SR", sr), ("HR", hr)):
        if image.dtype != np.uint8:
            raise UsageError(
                f"The {name} image is {image.dtype}; metrics take uint8 in [0, 255], "
                "so quantise it first (esrbench.metrics.quantise.to_uint8)."
            )
        if image.ndim != 2 and not (image.ndim == 3 and image.shape[2] == 3):
            raise UsageError(
                f"The {name} image has shape {image.shape}; expected (height, width, 3) RGB "
                "or (height, width) grey."
            )
    if sr.shape != hr.shape:
        raise UsageError(
            f"SR is {_size(sr)} and HR is {_size(hr)}; they must be equal in size and colour "
            "(is HR cut to a multiple of the scale?)."
        )
    if crop < 0:
        raise UsageError(f"The crop border is {crop}; it must be 0 or more pixels.")
    height, width = sr.shape[0] - 2 * crop, sr.shape[1] - 2 * crop
    if min(height, width) < smallest:
        raise UsageError(
            f"The image is {sr.shape[0]}x{sr.shape[1]} and a crop border of {crop} leaves "
            f"{max(height, 0)}x{max(width, 0)}; it needs at least {smallest}x{smallest}, "
            "so take a larger image or a smaller crop border."
        )


def cut(image: NDArray[Any], crop: int) -> NDArray[Any]:
    """``image`` without ``crop`` pixels on each side, as a view."""
    height, width = image.shape[:2]
    return image[crop : height - crop, crop : width - crop]


def _size(image: NDArray[Any]) -> str:
    colour = "RGB" if image.ndim == 3 else "grey"
    return f"{image.shape[0]}x{image.shape[1]} {colour}"
