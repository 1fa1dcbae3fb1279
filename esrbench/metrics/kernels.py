"""Compiled loops of PSNR and SSIM: uint8 pixels in, one float64 sum out.

SSIM takes five filtered maps in the paper; four are enough, as the variances are only ever added:
the means of x and y, and of x*x + y*y and x*y. An image is walked in strips of ``_WIDE`` columns
and steps of ``_TALL`` rows, so that everything between the pixels and the sum stays in the cache.

Loops count from 0 over arrays that begin where the work begins: an index that could be negative
for all the compiler knows (``a[at + j]``) costs it its vector registers.
"""

from __future__ import annotations

import numpy as np
from numba import types
from numpy.typing import NDArray

from esrbench.image import Image
from esrbench.metrics import colour, window
from esrbench.metrics.compiled import compiled

Floats = NDArray[np.float64]

_WIDE, _TALL = 112, 16
_PITCH = _WIDE + 8
"""From one row of a strip to the next. No power of two: rows would evict each other from L1."""
_REACH = window.SIZE - 1
_P1, _P2, _P3, _P4, _P5, _P6, _P7, _P8, _P9, _P10, _P11 = (_PITCH * i for i in range(1, 12))
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
def _load(row: Image, left: int, plane: int, out: Floats, n: int) -> None:
    """``n`` values of ``plane`` from ``row`` (W, C), starting at column ``left``."""
    values = row.reshape(-1)[left * row.shape[1] :]
    if row.shape[1] == 1:
        for j in range(n):
            out[j] = values[j]
        return
    if plane < LUMA:
        values = values[plane:]
        for j in range(n):
            out[j] = values[3 * j]
        return
    for j in range(n):
        out[j] = _RED * values[3 * j] + _GREEN * values[3 * j + 1] + _BLUE * values[3 * j + 2]
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
def _weighted(
    a: float, b: float, c: float, d: float, e: float, f: float,
    g: float, h: float, i: float, j: float, k: float,
) -> float:  # fmt: skip
    """Eleven neighbours under the window; pairs share a weight."""
    return _G0 * (a + k) + _G1 * (b + j) + _G2 * (c + i) + _G3 * (d + h) + _G4 * (e + g) + _G5 * f


@compiled()
def _across(s: Floats, out: Floats, n: int) -> None:
    """The window along a row."""
    for j in range(n):
        out[j] = _weighted(
            s[j], s[j + 1], s[j + 2], s[j + 3], s[j + 4], s[j + 5],
            s[j + 6], s[j + 7], s[j + 8], s[j + 9], s[j + 10],
        )  # fmt: skip


@compiled()
def _down(s: Floats, j: int) -> float:
    """The window down column ``j``, from the first row of ``s``."""
    return _weighted(
        s[j], s[j + _P1], s[j + _P2], s[j + _P3], s[j + _P4], s[j + _P5],
        s[j + _P6], s[j + _P7], s[j + _P8], s[j + _P9], s[j + _P10],
    )  # fmt: skip


@compiled()
def _down_two(s: Floats, j: int) -> tuple[float, float]:
    """As ``_down``, from the first row and from the second: they share ten loads."""
    b, c, d, e, f = s[j + _P1], s[j + _P2], s[j + _P3], s[j + _P4], s[j + _P5]
    g, h, i, k, m = s[j + _P6], s[j + _P7], s[j + _P8], s[j + _P9], s[j + _P10]
    return (
        _weighted(s[j], b, c, d, e, f, g, h, i, k, m),
        _weighted(b, c, d, e, f, g, h, i, k, m, s[j + _P11]),
    )


@compiled()
def _similarity(mx: float, my: float, squares: float, product: float) -> float:
    cross = mx * my
    means = mx * mx + my * my
    return ((2 * cross + _C1) * (2 * (product - cross) + _C2)) / (
        (means + _C1) * (squares - means + _C2)
    )


@compiled()
def _row(mx: Floats, my: Floats, squares: Floats, product: Floats, n: int) -> float:
    """SSIM added over ``n`` windows that begin in the first row of the four maps."""
    total = 0.0
    for j in range(n):
        total += _similarity(_down(mx, j), _down(my, j), _down(squares, j), _down(product, j))
    return total


@compiled()
def _two_rows(mx: Floats, my: Floats, squares: Floats, product: Floats, n: int) -> float:
    """As ``_row``, over the first two rows."""
    total = 0.0
    for j in range(n):
        x0, x1 = _down_two(mx, j)
        y0, y1 = _down_two(my, j)
        s0, s1 = _down_two(squares, j)
        p0, p1 = _down_two(product, j)
        total += _similarity(x0, y0, s0, p0) + _similarity(x1, y1, s1, p1)
    return total


@compiled(_SUM_OF_ROWS)
def ssim_sum(sr: Image, hr: Image, plane: int, crop: int, first: int, last: int) -> float:
    """Sum of the SSIM map of one plane over window rows ``first`` to ``last`` (not included).

    ``sr`` and ``hr`` are (H, W, C); window row 0 is the topmost 'valid' one inside the crop border.
    """
    width = sr.shape[1] - 2 * crop - _REACH
    x, y = np.empty(_WIDE + _REACH), np.empty(_WIDE + _REACH)
    squares, product = np.empty(_WIDE + _REACH), np.empty(_WIDE + _REACH)
    maps = np.empty((4, (_TALL + _REACH) * _PITCH))
    total = 0.0
    strips = (width + _WIDE - 1) // _WIDE
    wide = (width + strips - 1) // strips
    for left in range(0, width, wide):
        n = min(wide, width - left)
        for top in range(first, last, _TALL):
            tall = min(_TALL, last - top)
            have = 0
            if top > first:  # the last ten filtered rows serve the next step too
                have = _REACH
                for k in range(4):
                    maps[k, : _REACH * _PITCH] = maps[k, _TALL * _PITCH :]
            for i in range(have, tall + _REACH):
                _load(sr[crop + top + i], crop + left, plane, x, n + _REACH)
                _load(hr[crop + top + i], crop + left, plane, y, n + _REACH)
                _products(x, y, squares, product, n + _REACH)
                at = i * _PITCH
                _across(x, maps[0][at:], n)
                _across(y, maps[1][at:], n)
                _across(squares, maps[2][at:], n)
                _across(product, maps[3][at:], n)
            for i in range(0, tall - 1, 2):
                at = i * _PITCH
                total += _two_rows(maps[0][at:], maps[1][at:], maps[2][at:], maps[3][at:], n)
            if tall % 2:
                at = (tall - 1) * _PITCH
                total += _row(maps[0][at:], maps[1][at:], maps[2][at:], maps[3][at:], n)
    return total


@compiled()
def _byte_row(x: Image, y: Image, n: int) -> int:
    """Squared differences of ``n`` bytes: integers, so exact in any order."""
    total = 0
    for j in range(n):
        difference = np.int32(x[j]) - np.int32(y[j])
        total += difference * difference
    return total


@compiled()
def _luma_row(x: Image, y: Image, n: int) -> float:
    """Squared differences of ``n`` pixels' unrounded Y, whose black level cancels."""
    total = 0.0
    for j in range(n):
        red = np.int32(x[3 * j]) - np.int32(y[3 * j])
        green = np.int32(x[3 * j + 1]) - np.int32(y[3 * j + 1])
        blue = np.int32(x[3 * j + 2]) - np.int32(y[3 * j + 2])
        difference = _RED * red + _GREEN * green + _BLUE * blue
        total += difference * difference
    return total / (_SCALE * _SCALE)


@compiled(_SUM_OF_ROWS)
def squared_error(sr: Image, hr: Image, plane: int, crop: int, first: int, last: int) -> float:
    """Sum of squared differences of one plane over rows ``first`` to ``last`` inside the crop.

    ``plane`` is a Y, or ``EVERY`` (0 for a grey image): all channels at once, added as integers.
    """
    total = 0.0
    n = sr.shape[1] - 2 * crop
    x, y = np.empty(n), np.empty(n)
    for i in range(crop + first, crop + last):
        if plane == LUMA_ROUNDED:
            _load(sr[i], crop, plane, x, n)
            _load(hr[i], crop, plane, y, n)
            for j in range(n):
                total += (x[j] - y[j]) ** 2
            continue
        a = sr[i].reshape(-1)[crop * sr.shape[2] :]
        b = hr[i].reshape(-1)[crop * hr.shape[2] :]
        if plane == LUMA:
            total += _luma_row(a, b, n)
        else:
            total += _byte_row(a, b, n * sr.shape[2])
    return total
