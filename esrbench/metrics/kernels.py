"""Compiled loops of PSNR and SSIM: uint8 pixels in, one float64 sum out.

SSIM takes five filtered maps in the paper; four are enough, as the variances are only ever added:
the means of x and y, and of x*x + y*y and x*y. An image is walked in columns of ``_WIDE`` pixels
and steps of ``_TALL`` rows, so that everything between the pixels and the sum stays in the cache.
"""

from __future__ import annotations

import numpy as np
from numba import types
from numpy.typing import NDArray

from esrbench.metrics import colour, window
from esrbench.metrics.compiled import compiled

Floats = NDArray[np.float64]

_WIDE, _TALL = 256, 16
_REACH = window.SIZE - 1
_S1, _S2, _S3, _S4, _S5, _S6, _S7, _S8, _S9, _S10 = (_WIDE * i for i in range(1, 11))
_G0, _G1, _G2, _G3, _G4, _G5 = window.gaussian()[:6]
_C1, _C2 = window.C1, window.C2
_RED, _GREEN, _BLUE = colour.RED, colour.GREEN, colour.BLUE
_SCALE, _BLACK = colour.SCALE, colour.BLACK

LUMA, LUMA_ROUNDED, EVERY = 3, 4, 5
"""Planes beside 0, 1, 2 (red, green, blue; a grey image has 0 alone)."""
ONE_BY_ONE: dict[colour.Channel, tuple[int, ...]] = {
    "rgb": (0, 1, 2),
    "y": (LUMA,),
    "y-u8": (LUMA_ROUNDED,),
}
"""The planes that SSIM is taken on."""
TOGETHER: dict[colour.Channel, tuple[int, ...]] = {**ONE_BY_ONE, "rgb": (EVERY,)}
"""The planes that squared errors are added over."""

_PIXELS = types.Array(types.uint8, 3, "C", readonly=True)
_SUM_OF_ROWS = types.float64(_PIXELS, _PIXELS, types.int64, types.int64, types.int64, types.int64)


@compiled()
def _load(row: NDArray[np.uint8], left: int, plane: int, out: Floats, n: int) -> None:
    """``n`` values of ``plane`` from ``row`` (W, C), starting at column ``left``."""
    if plane < LUMA:
        for j in range(n):
            out[j] = row[left + j, plane]
        return
    for j in range(n):
        out[j] = _RED * row[left + j, 0] + _GREEN * row[left + j, 1] + _BLUE * row[left + j, 2]
    if plane == LUMA:
        for j in range(n):
            out[j] = _BLACK + out[j] * (1 / _SCALE)
    else:
        for j in range(n):  # a true division: exact where the sum is a multiple
            out[j] = _BLACK + np.floor((out[j] + _SCALE / 2) / _SCALE)


@compiled()
def _products(x: Floats, y: Floats, squares: Floats, product: Floats, n: int) -> None:
    for j in range(n):
        squares[j] = x[j] * x[j] + y[j] * y[j]
        product[j] = x[j] * y[j]


@compiled()
def _across(s: Floats, out: Floats, at: int, n: int) -> None:
    """The window along a row; pairs share a weight."""
    for j in range(n):
        out[at + j] = (
            _G0 * (s[j] + s[j + 10])
            + _G1 * (s[j + 1] + s[j + 9])
            + _G2 * (s[j + 2] + s[j + 8])
            + _G3 * (s[j + 3] + s[j + 7])
            + _G4 * (s[j + 4] + s[j + 6])
            + _G5 * s[j + 5]
        )


@compiled()
def _down(s: Floats, out: Floats, n: int) -> None:
    """The window along columns of rows that lie ``_WIDE`` apart: one flat loop."""
    for j in range(n):
        out[j] = (
            _G0 * (s[j] + s[j + _S10])
            + _G1 * (s[j + _S1] + s[j + _S9])
            + _G2 * (s[j + _S2] + s[j + _S8])
            + _G3 * (s[j + _S3] + s[j + _S7])
            + _G4 * (s[j + _S4] + s[j + _S6])
            + _G5 * s[j + _S5]
        )


@compiled()
def _similarity(mx: Floats, my: Floats, squares: Floats, product: Floats, at: int, n: int) -> float:
    total = 0.0
    for j in range(at, at + n):
        cross = mx[j] * my[j]
        means = mx[j] * mx[j] + my[j] * my[j]
        total += ((2 * cross + _C1) * (2 * (product[j] - cross) + _C2)) / (
            (means + _C1) * (squares[j] - means + _C2)
        )
    return total


@compiled(_SUM_OF_ROWS)
def ssim_sum(
    sr: NDArray[np.uint8], hr: NDArray[np.uint8], plane: int, crop: int, first: int, last: int
) -> float:
    """Sum of the SSIM map of one plane over window rows ``first`` to ``last`` (not included).

    ``sr`` and ``hr`` are (H, W, C); window row 0 is the topmost 'valid' one inside the crop border.
    """
    width = sr.shape[1] - 2 * crop - _REACH
    x, y = np.empty(_WIDE + _REACH), np.empty(_WIDE + _REACH)
    squares, product = np.empty(_WIDE + _REACH), np.empty(_WIDE + _REACH)
    rows_of = np.zeros((4, (_TALL + _REACH) * _WIDE))
    maps = np.empty((4, _TALL * _WIDE))
    total = 0.0
    for left in range(0, width, _WIDE):
        n = min(_WIDE, width - left)
        for top in range(first, last, _TALL):
            tall = min(_TALL, last - top)
            have = 0
            if top > first:  # the last ten filtered rows serve the next step too
                have = _REACH
                for k in range(4):
                    rows_of[k, : _REACH * _WIDE] = rows_of[k, _TALL * _WIDE :]
            for i in range(have, tall + _REACH):
                _load(sr[crop + top + i], crop + left, plane, x, n + _REACH)
                _load(hr[crop + top + i], crop + left, plane, y, n + _REACH)
                _products(x, y, squares, product, n + _REACH)
                _across(x, rows_of[0], i * _WIDE, n)
                _across(y, rows_of[1], i * _WIDE, n)
                _across(squares, rows_of[2], i * _WIDE, n)
                _across(product, rows_of[3], i * _WIDE, n)
            for k in range(4):
                _down(rows_of[k], maps[k], tall * _WIDE)
            for i in range(tall):
                total += _similarity(maps[0], maps[1], maps[2], maps[3], i * _WIDE, n)
    return total


@compiled()
def _byte_row(x: NDArray[np.uint8], y: NDArray[np.uint8], left: int, n: int) -> int:
    """Squared differences of ``n`` bytes: integers, so exact in any order."""
    total = 0
    for j in range(left, left + n):
        difference = np.int32(x[j]) - np.int32(y[j])
        total += difference * difference
    return total


@compiled()
def _luma_row(x: NDArray[np.uint8], y: NDArray[np.uint8], left: int, n: int) -> float:
    """Squared differences of unrounded Y, whose black level cancels."""
    total = 0.0
    for j in range(left, left + n):
        red = np.int32(x[j, 0]) - np.int32(y[j, 0])
        green = np.int32(x[j, 1]) - np.int32(y[j, 1])
        blue = np.int32(x[j, 2]) - np.int32(y[j, 2])
        difference = _RED * red + _GREEN * green + _BLUE * blue
        total += difference * difference
    return total / (_SCALE * _SCALE)


@compiled(_SUM_OF_ROWS)
def squared_error(
    sr: NDArray[np.uint8], hr: NDArray[np.uint8], plane: int, crop: int, first: int, last: int
) -> float:
    """Sum of squared differences of one plane over rows ``first`` to ``last`` inside the crop.

    ``plane`` is a Y, or ``EVERY`` (0 for a grey image): all channels at once, added as integers.
    """
    total = 0.0
    n = sr.shape[1] - 2 * crop
    if plane == LUMA_ROUNDED:
        x, y = np.empty(n), np.empty(n)
        for i in range(crop + first, crop + last):
            _load(sr[i], crop, plane, x, n)
            _load(hr[i], crop, plane, y, n)
            for j in range(n):
                total += (x[j] - y[j]) ** 2
        return total
    for i in range(crop + first, crop + last):
        if plane == LUMA:
            total += _luma_row(sr[i], hr[i], crop, n)
        else:
            total += _byte_row(
                sr[i].reshape(-1), hr[i].reshape(-1), crop * sr.shape[2], sr.shape[2] * n
            )
    return total
