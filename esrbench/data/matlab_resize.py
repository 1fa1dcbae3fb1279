"""MATLAB's ``imresize(image, scale, 'bicubic')``, bit for bit.

The figures of the SR literature are made on LR images from this filter, and a look-alike moves
them by tenths of a dB: Keys' cubic with a = -0.5, widened by 1/scale when it shrinks (antialias),
rows resized first, and for uint8 images a rounding after each of the two passes. Two borders are
in use: today's MATLAB mirrors the image (``symmetric``), the one before R2011 or so repeated its
edge (``replicate``); they differ near the border only.

Sums are made in float64, tap by tap from left to right: with another order, values that lie
exactly between two integers would round the other way.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from esrbench.errors import UsageError

Border = Literal["symmetric", "replicate"]
Scale: TypeAlias = "int | float | Fraction"

_KERNEL_WIDTH = 4.0
_BLOCK_VALUES = 1 << 16
"""Output values summed at a time, few enough for the cache of a core."""


def matlab_bicubic(
    image: NDArray[np.uint8],
    scale: Scale,
    *,
    border: Border = "symmetric",
    round_between: bool = True,
) -> NDArray[np.uint8]:
    """``image`` (H, W) or (H, W, C), uint8, resized by ``scale``: 4 enlarges, 1/4 shrinks.

    The result is uint8 of size ceil(H * scale) x ceil(W * scale), rounded half up and clipped;
    ``round_between`` does so after the vertical pass too, as MATLAB does for uint8 images.
    Raises UsageError when ``image`` is not such an array or ``scale`` is not positive.
    """
    if image.dtype != np.uint8:
        raise UsageError(f"matlab_bicubic needs a uint8 image, not {image.dtype}.")
    rows = _resize_first_axis(image, _fraction(scale), border)
    if round_between:
        rows = _rounded(rows)
    both = _resize_first_axis(rows.swapaxes(0, 1), _fraction(scale), border)
    return np.ascontiguousarray(_rounded(both).swapaxes(0, 1).astype(np.uint8))


def matlab_bicubic_float(
    image: NDArray[np.generic], scale: Scale, *, border: Border = "symmetric"
) -> NDArray[np.float64]:
    """As :func:`matlab_bicubic` for an image of any real dtype, neither rounded nor clipped."""
    rows = _resize_first_axis(image, _fraction(scale), border)
    both = _resize_first_axis(rows.swapaxes(0, 1), _fraction(scale), border)
    return np.ascontiguousarray(both.swapaxes(0, 1))


def _fraction(scale: Scale) -> Fraction:
    """``scale`` as the fraction that is meant: 0.25 is 1/4, and 1/3 in floating point is 1/3."""
    meant = Fraction(scale).limit_denominator(10_000)
    if not np.isfinite(float(scale)) or meant <= 0:
        raise UsageError(f"A resizing scale must be a positive number, not {scale}.")
    return meant


def _rounded(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rounded half up and clipped to [0, 255], in place."""
    values += 0.5
    np.floor(values, out=values)
    return np.clip(values, 0.0, 255.0, out=values)


def _resize_first_axis(
    image: NDArray[np.generic], scale: Fraction, border: Border
) -> NDArray[np.float64]:
    """``image`` (H, W[, C]) resized along its first axis, as float64."""
    if image.ndim not in (2, 3) or 0 in image.shape:
        raise UsageError(f"An image must be (H, W) or (H, W, C), not of shape {image.shape}.")
    indices, weights = _taps(image.shape[0], scale, border)
    flat = np.ascontiguousarray(image.reshape(image.shape[0], -1), dtype=np.float64)
    resized = np.empty((len(indices), flat.shape[1]))
    block = max(1, _BLOCK_VALUES // flat.shape[1])
    for start in range(0, len(indices), block):
        part = slice(start, start + block)
        _weighted_sum(flat, indices[part], weights[part], resized[part])
    return resized.reshape(len(indices), *image.shape[1:])


def _weighted_sum(
    rows: NDArray[np.float64],
    indices: NDArray[np.intp],
    weights: NDArray[np.float64],
    out: NDArray[np.float64],
) -> None:
    """``out[i] = sum over k of weights[i, k] * rows[indices[i, k]]``, k ascending."""
    np.multiply(rows[indices[:, 0]], weights[:, :1], out=out)
    for tap in range(1, indices.shape[1]):
        term = rows[indices[:, tap]]
        term *= weights[:, tap : tap + 1]
        out += term


def _cubic(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Keys' cubic convolution kernel, a = -0.5 (IEEE Trans. ASSP 29(6), 1981)."""
    x1 = np.abs(x)
    x2 = x1 * x1
    x3 = x2 * x1
    near = 1.5 * x3 - 2.5 * x2 + 1.0
    far = -0.5 * x3 + 2.5 * x2 - 4.0 * x1 + 2.0
    return np.where(x1 <= 1.0, near, np.where(x1 <= 2.0, far, 0.0))


@lru_cache(maxsize=64)
def _taps(
    length: int, scale: Fraction, border: Border
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """For each output position the input indices and weights it sums: two (out, taps) arrays.

    Positions follow MATLAB: pixel centres at 1, 2, ...; output x lies at x/s + (1 - 1/s)/2.
    """
    factor = float(scale)
    shrink = min(factor, 1.0)
    width = _KERNEL_WIDTH / shrink
    count = -((-length * scale.numerator) // scale.denominator)
    centre = np.arange(1, count + 1) / factor + 0.5 * (1.0 - 1.0 / factor)
    left = np.floor(centre - width / 2)
    taps = left[:, None] + np.arange(int(np.ceil(width)) + 2)
    weights = shrink * _cubic(shrink * (centre[:, None] - taps))
    weights /= np.cumsum(weights, axis=1)[:, -1:]  # a sum from left to right on every machine
    indices = _inside(taps.astype(np.intp) - 1, length, border)
    used = np.any(weights != 0.0, axis=0)
    indices, weights = indices[:, used], weights[:, used]
    indices.flags.writeable = weights.flags.writeable = False
    return indices, weights


def _inside(indices: NDArray[np.intp], length: int, border: Border) -> NDArray[np.intp]:
    """``indices`` (from 0) that lie outside the image, brought inside as ``border`` says."""
    if border == "replicate":
        return np.clip(indices, 0, length - 1)
    if border == "symmetric":
        there_and_back = np.mod(indices, 2 * length)
        return np.where(there_and_back < length, there_and_back, 2 * length - 1 - there_and_back)
    raise UsageError(f"No border {border!r}; known: symmetric, replicate.")
