"""Squares of an image as short vectors that survive resizing, JPEG and a change of contrast.

A perceptual hash before it is cut to bits: the lowest cosine coefficients of a square's thumbnail,
each weighed by how small it usually is, so that two photographs do not resemble each other by being
brighter at the top. Places are (k, 3) arrays of top, left and side, in units of the image's shorter
side.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from scipy.fft import dctn
from scipy.ndimage import uniform_filter

from esrbench.image import Image
from esrbench.metrics.colour import luma

Floats = NDArray[np.float32]
SHORTER = 96
"""Images are made so small first that their shorter side has no more pixels."""
THUMBNAIL = 8
LOWEST = 6
"""Coefficients kept in each direction, the mean excepted."""
FLAT = 5.0
"""Standard deviation (of 255), but for its slope, of a thumbnail with nothing to recognise."""
LOCAL, FAINT = 7, 4.0
"""Pixels about which, and grey levels from which, the contrast of details is made even."""
TURNS = 8
"""Ways to turn and mirror a square."""


@dataclass(frozen=True)
class Squares:
    """Where squares of one image lie, and what they look like."""

    places: Floats
    vectors: Floats
    """(k, 36), of length one; zero where the square is flat."""

    def __getitem__(self, chosen: NDArray[np.intp]) -> Squares:
        return Squares(self.places[chosen], self.vectors[chosen])


def grey(image: Image) -> Floats:
    """Luma (H, W) of ``image``, made small."""
    y = luma(image).astype(np.float32)
    shorter = min(y.shape)
    if shorter <= SHORTER:
        return y
    height, width = (round(SHORTER * length / shorter) for length in y.shape)
    return _resized(y, height, width)


def windows(y: Floats, sides: tuple[int, ...], step: int = 1) -> Squares:
    """Every ``step``-th 8x8 window of ``y`` made so small that its shorter side has ``sides``."""
    places, thumbnails = [], []
    for side in sides:
        height, width = (max(side, round(side * length / min(y.shape))) for length in y.shape)
        small = _resized(y, height, width)
        view = np.lib.stride_tricks.sliding_window_view(small, (THUMBNAIL, THUMBNAIL))
        view = view[::step, ::step]
        top, left = np.indices(view.shape[:2]).reshape(2, -1) * step
        places.append(np.stack([top, left, np.full(top.size, THUMBNAIL)], axis=1) / side)
        thumbnails.append(view.reshape(-1, THUMBNAIL, THUMBNAIL))
    found = vectors(np.concatenate(thumbnails))
    return Squares(np.concatenate(places).astype(np.float32), found)


def looked_at(y: Floats, places: Floats, side: int) -> Floats:
    """The squares at ``places`` as thumbnails (k, side, side)."""
    boxes = (
        (top, left, top + length, left + length) for top, left, length in places * min(y.shape)
    )
    return np.stack([part(y, box, side, side) for box in boxes])


def part(y: Floats, box: tuple[float, float, float, float], height: int, width: int) -> Floats:
    """What lies between top, left, bottom and right, in pixels, as an image of another size."""
    top, left, bottom, right = box
    within = (max(0.0, left), max(0.0, top), min(right, y.shape[1]), min(bottom, y.shape[0]))
    size = (max(1, width), max(1, height))
    return np.asarray(Pillow.fromarray(y).resize(size, Pillow.Resampling.BILINEAR, box=within))


def details(thumbnails: Floats) -> Floats:
    """Of (k, height, width): (k, height * width) of length one; faint structure counts as much as
    strong in them: a single edge, which many photographs have, is no likeness yet."""
    about = (1, LOCAL, LOCAL)
    rest = thumbnails - uniform_filter(thumbnails, about)
    contrast = np.sqrt(uniform_filter(rest * rest, about).clip(0)) + FAINT
    even = (rest / contrast).reshape(len(thumbnails), -1)
    even = even - even.mean(axis=1, keepdims=True)
    found: Floats = even / np.maximum(np.linalg.norm(even, axis=1, keepdims=True), 1e-6)
    return found


def vectors(thumbnails: Floats) -> Floats:
    """Of (k, 8, 8): (k, 36) of length one, zero for flat ones."""
    coefficients = dctn(thumbnails, axes=(1, 2), norm="ortho")[:, :LOWEST, :LOWEST]
    structure = (coefficients * (_weights() > 0)).reshape(len(thumbnails), -1)
    flat = np.linalg.norm(structure, axis=1, keepdims=True) < FLAT * THUMBNAIL
    weighed = structure * _weights().ravel()
    length = np.linalg.norm(weighed, axis=1, keepdims=True)
    return np.where(flat, 0, weighed / np.maximum(length, 1e-6)).astype(np.float32)


def turned_image(y: Floats, turn: int) -> Floats:
    """``y`` turned as :func:`turned` does."""
    y = y[::-1] if turn & 1 else y
    y = y[:, ::-1] if turn & 2 else y
    return np.ascontiguousarray(y.T if turn & 4 else y)


def turned_place(y: Floats, place: Floats, turn: int) -> Floats:
    """Where the square of ``y`` at ``place`` (3,) lies in the turned image."""
    top, left, side = place
    height, width = (length / min(y.shape) for length in y.shape)
    top = height - top - side if turn & 1 else top
    left = width - left - side if turn & 2 else left
    return np.array([left, top, side] if turn & 4 else [top, left, side], np.float32)


def turned(found: Floats, turn: int) -> Floats:
    """Vectors of the same squares mirrored (bits 0 and 1: rows, columns) and transposed (bit 2)."""
    grid = found.reshape(-1, LOWEST, LOWEST)
    sign = (-1.0) ** np.arange(LOWEST, dtype=np.float32)
    grid = grid * sign[:, None] if turn & 1 else grid
    grid = grid * sign if turn & 2 else grid
    grid = grid.transpose(0, 2, 1) if turn & 4 else grid
    return np.ascontiguousarray(grid).reshape(found.shape)


def _resized(y: Floats, height: int, width: int) -> Floats:
    """``y`` at another size, each pixel a weighed mean of what it covers."""
    return np.asarray(Pillow.fromarray(y).resize((width, height), Pillow.Resampling.BILINEAR))


@cache
def _weights() -> Floats:
    """The amplitude of photographs falls with the frequency; this makes up for it.

    None for the mean and the slopes: every sky has them.
    """
    row, column = np.indices((LOWEST, LOWEST))
    return np.where(row + column > 1, np.hypot(row, column), 0).astype(np.float32)
