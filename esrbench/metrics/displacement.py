"""How far the content of an SR image lies from where it is in HR.

Least squares on brightness constancy (Lucas and Kanade 1981), with one shift and one stretch an
axis: a shift is what a wrong pixel centre or padding leaves, a stretch what ``align_corners`` does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float32]

_TILE = 128
_SMOOTH = 5
"""Box width in pixels; brightness is then linear over the displacements that are looked for."""
_ROUNDS = 3


@dataclass(frozen=True)
class Displacement:
    """Pixels by which SR's content is too far down (y) and right (x)."""

    shift_y: float
    shift_x: float
    stretch_y: float
    stretch_x: float
    """Further out at the edges than at the centre, in pixels; negative is inwards."""
    explained: float
    """Share of the squared error (of the smoothed images) that vanishes when it is undone."""


def displacement(sr: NDArray[Any], hr: NDArray[np.uint8]) -> Displacement:
    """Of two equal-sized planes (H, W), at least 16x16; from five tiles of large images.

    ``sr`` is float in [0, 1], ``hr`` uint8.
    """
    size = np.array(hr.shape, dtype=np.float64)
    tiles = [_tile(sr, hr, y, x) for y, x in _corners(hr.shape)]
    found = np.zeros(4)
    before = 1.0
    after = 1.0
    for step in range(_ROUNDS):
        left, right, error = np.zeros((4, 4)), np.zeros(4), 0.0
        for tile in tiles:
            columns, difference = tile.equations(found, size)
            left += _products(columns, columns)
            right += _products(columns, difference[None])[:, 0]
            error += float(_products(difference[None], difference[None])[0, 0])
        if step == 0:
            before = error or 1.0
            smallest = 1e-6 * np.trace(left) + 1e-12
        change = np.linalg.solve(left + smallest * np.eye(4), right)
        after = error - float(right @ change)
        found = found + np.clip(change, -2.0, 2.0)
        if step == 0 and np.abs(found).max() < 0.2:
            break
    shift_y, stretch_y, shift_x, stretch_x = (float(v) for v in found)
    return Displacement(shift_y, shift_x, stretch_y, stretch_x, 1.0 - after / before)


@dataclass(frozen=True)
class _Tile:
    sr: Plane
    hr: Plane
    top: int
    left: int

    def equations(
        self, found: NDArray[np.float64], size: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """One row a parameter and the difference to explain, with ``found`` undone in HR."""
        height, width = self.hr.shape
        v = (self.top + np.arange(height)[:, None]) / (size[0] - 1) * 2 - 1
        u = (self.left + np.arange(width)[None, :]) / (size[1] - 1) * 2 - 1
        hr = self.hr
        if found.any():
            rows = np.arange(height)[:, None] - (found[0] + found[1] * v) + 0 * u
            columns = np.arange(width)[None, :] - (found[2] + found[3] * u) + 0 * v
            from scipy import ndimage  # a third of a second, and many commands score nothing

            hr = ndimage.map_coordinates(hr, (rows, columns), order=1, mode="nearest")
        between = (self.sr + hr) / 2
        down, right = np.gradient(between, axis=0), np.gradient(between, axis=1)
        inside = (slice(3, -3), slice(3, -3))  # where undoing needs nothing from beyond the tile
        parts = (down, down * v, right, right * u, hr - self.sr)
        rows_of = np.stack([part[inside].ravel() for part in parts]).astype(np.float64)
        return rows_of[:4], rows_of[4]


def _products(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """``a @ b.T`` without BLAS: its threads would wait for cores that other images are using."""
    return np.asarray(np.einsum("in,jn->ij", a, b))


def _tile(sr: NDArray[Any], hr: NDArray[np.uint8], top: int, left: int) -> _Tile:
    part = slice(top, top + _TILE), slice(left, left + _TILE)
    values = sr[part].astype(np.float32), hr[part].astype(np.float32) / np.float32(255)
    from scipy import ndimage

    smooth = [ndimage.uniform_filter(value, _SMOOTH, mode="nearest") for value in values]
    return _Tile(smooth[0], smooth[1], top, left)


def _corners(shape: tuple[int, ...]) -> Iterator[tuple[int, int]]:
    """Upper left corners of the tiles: four corners and the centre, without doubles."""
    ends = [max(0, n - _TILE) for n in shape]
    spots = [(0, 0), (0, ends[1]), (ends[0], 0), (ends[0], ends[1]), (ends[0] // 2, ends[1] // 2)]
    yield from dict.fromkeys(spots)
