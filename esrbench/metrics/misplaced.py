"""Faults that lie in where things are: displaced content, and garbage along the border."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from esrbench.image import Image
from esrbench.metrics.displacement import displacement

_DEEP = 24
"""Pixels from each side within which garbage is looked for."""
_EXPLAINED = 0.05
"""Share of the error that a displacement must explain. Interpolated images that lie right have
less than 0.035 on Set5, Set14, B100 and Urban100; half a pixel off they have more than 0.12."""


def misplaced(sr: NDArray[Any], hr: Image, lr: Image | None) -> list[str]:
    """Sentences about one plane (H, W) of SR, float in [0, 1], at least 48x48.

    ``lr`` tells the scale, and what the border should look like; without it nothing is said of
    the border.
    """
    inside = (slice(8, -8), slice(8, -8))
    said = [] if lr is None else _border(sr, hr, lr)
    scale = 2.0 if lr is None else hr.shape[0] / lr.shape[0]  # 2 is the least that there is
    return said + _displaced(sr[inside], hr[inside], scale)


def _displaced(sr: NDArray[Any], hr: Image, scale: float) -> list[str]:
    moved = displacement(sr, hr)
    if moved.explained < _EXPLAINED:
        return []
    aligned = (scale - 1) / 2
    if min(moved.stretch_y, moved.stretch_x) > 0.4 * aligned:
        return [
            f"output is stretched by {moved.stretch_x:.1f} pixels at its edges: "
            "was it resized with align_corners=True?"
        ]
    steps = round(moved.shift_y * 2) / 2, round(moved.shift_x * 2) / 2
    if not any(steps):  # below a quarter of a pixel
        return []
    ways = [
        f"{abs(step):.3g} {'pixel' if abs(step) <= 1 else 'pixels'} {way[step > 0]}"
        for step, way in zip(steps, (("up", "down"), ("left", "right")), strict=True)
        if step
    ]
    return [f"output is shifted by about {' and '.join(ways)}: a pixel centre or padding is off"]


def _border(sr: NDArray[Any], hr: Image, lr: Image) -> list[str]:
    """Sides whose outermost pixels are far worse than those a little further in.

    Photographs have odd borders of their own, which no model can know of: what fits the enlarged
    LR is no garbage.
    """
    images = (sr, hr, _enlarged(lr, hr.shape))
    bad = {}
    for side, strip in _SIDES.items():
        there, wanted, small = (as_float(strip(image)) for image in images)
        error = np.minimum(np.square(there - wanted), np.square(there - small))
        by_depth = error.mean(axis=1)
        inner = float(by_depth[_DEEP // 2 :].mean())
        if by_depth[0] > 0.01 and by_depth[0] > 8 * inner:
            bad[side] = int(np.argmax(by_depth < max(4 * inner, 0.005)))
    if not bad:
        return []
    return [
        f"output has garbage in its outer pixels ({max(bad.values())} deep; {', '.join(bad)}): "
        "is padding left in? The crop border may hide it from the figures"
    ]


_SIDES: dict[str, Callable[[NDArray[Any]], NDArray[Any]]] = {
    # the outermost rows first
    "top": lambda image: image[:_DEEP],
    "bottom": lambda image: image[: -_DEEP - 1 : -1],
    "left": lambda image: image[:, :_DEEP].T,
    "right": lambda image: image[:, : -_DEEP - 1 : -1].T,
}


def _enlarged(plane: Image, shape: tuple[int, ...]) -> Image:
    """A plane of LR with each pixel repeated, of ``shape``."""
    rows = np.arange(shape[0]) * plane.shape[0] // shape[0]
    columns = np.arange(shape[1]) * plane.shape[1] // shape[1]
    return np.asarray(plane[rows][:, columns])


def as_float(image: NDArray[Any]) -> NDArray[np.float32]:
    """As float32; uint8 is scaled to [0, 1]."""
    value = image.astype(np.float32)
    return value * np.float32(1 / 255) if image.dtype == np.uint8 else value
