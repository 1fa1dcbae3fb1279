"""Look at an output before it is scored, and say in words what may be wrong with it.

A low PSNR says that something is wrong; these say what. Each is tried on a sample of the pixels,
and reported only where undoing it explains most of the error.
"""

from __future__ import annotations

from itertools import permutations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from esrbench.image import Image
from esrbench.metrics.misplaced import as_float, misplaced

Floats = NDArray[np.float32]

_SAMPLE = 1 << 15
"""Pixels that the hypotheses on range and channels are tried on."""
_SANE_MSE = 10 ** (-15 / 10)
"""15 dB: a hypothesis that leaves more error than this explains nothing."""
_UNLIKE_MSE = 10 ** (-12 / 10)
_LEVEL = 1 / 255


def diagnose(sr: NDArray[Any], hr: Image, lr: Image | None = None) -> list[str]:
    """Sentences about ``sr``, none where nothing is suspicious.

    ``sr``: the model's output divided by its data_range, float (H, W, 3), not clamped. ``hr``:
    uint8, same size. ``lr``: the input, which tells the scale. Never raises for a bad image; an
    image with sides that differ, or that is grey, is looked at as far as that goes.
    """
    sr = np.asarray(sr)
    if sr.shape != hr.shape:
        return [f"output is {_size(sr)} where HR is {_size(hr)}"]
    lowest, highest = float(sr.min()), float(sr.max())
    if not (np.isfinite(lowest) and np.isfinite(highest)):
        return ["output holds NaN or infinite values"]
    if highest - lowest < _LEVEL / 255:
        return [f"output is constant ({lowest:.4g} everywhere): a dead layer, or missing weights?"]
    few, wanted = _sample(sr), _sample(hr)
    said, scale, offset = _range(few, wanted)
    if not said:
        said += _clamped(sr, lowest, highest)
    few = few * np.float32(scale) + np.float32(offset)
    order, about_channels = _channels(few, wanted)
    said += about_channels
    left = float(np.square(few[:, order] - wanted).mean())
    if left > _UNLIKE_MSE and not said:
        said.append(
            f"output does not resemble HR (about {-10 * np.log10(left):.0f} dB): "
            "are the weights the right ones?"
        )
    if left > _SANE_MSE or min(hr.shape[:2]) < 48:
        return said
    return said + _places(sr, hr, lr, scale, offset, order[len(order) // 2])


_RANGES = (
    # factor and offset that undo it; what to say
    (_LEVEL, 0.0, "range looks like [0, 255], 255 times what data_range says"),
    (255.0, 0.0, "range looks like [0, 1], but data_range says 255"),
    (0.5, 0.5, "range looks like [-1, 1] instead of [0, data_range]"),
    (1.0, 0.45, "range looks centred on 0: is a mean subtracted and not added again?"),
)


def _range(sr: Floats, hr: Floats) -> tuple[list[str], float, float]:
    """What to say of the range, and the factor and offset that put it right."""
    sr, hr = sr.mean(axis=1), hr.mean(axis=1)  # whatever the order of the channels
    now = float(np.square(sr - hr).mean())
    errors = [float(np.square(sr * a + b - hr).mean()) for a, b, _ in _RANGES]
    best = int(np.argmin(errors))
    if errors[best] < min(now / 4, _SANE_MSE):
        factor, offset, words = _RANGES[best]
        return [f"output's {words}"], factor, offset
    return [], 1.0, 0.0


def _clamped(sr: NDArray[Any], lowest: float, highest: float) -> list[str]:
    """Values beyond the range by more than the overshoot at edges, which any good model has."""
    if lowest > -0.05 and highest < 1.05:
        return []
    share = float(np.mean((sr < -2 * _LEVEL) | (sr > 1 + 2 * _LEVEL)))
    if share < 0.02 and lowest > -0.5 and highest < 1.5:
        return []
    return [
        f"output is not clamped: {share:.1%} of its values lie outside [0, data_range] "
        f"({lowest:.3g} to {highest:.3g} of it); they are clamped before scoring"
    ]


def _channels(sr: Floats, hr: Floats) -> tuple[list[int], list[str]]:
    """The order of SR's channels that fits HR best, and what to say where it is not RGB."""
    if sr.shape[1] != 3:
        return list(range(sr.shape[1])), []
    error = np.array([[np.square(sr[:, i] - hr[:, j]).mean() for j in range(3)] for i in range(3)])
    by_order = {p: float(sum(error[p[j], j] for j in range(3))) for p in permutations(range(3))}
    best = min(by_order, key=by_order.__getitem__)
    if by_order[best] / 3 > _SANE_MSE or by_order[best] > 0.6 * by_order[0, 1, 2]:
        return [0, 1, 2], []
    names = "".join("RGB"[best.index(i)] for i in range(3))
    return list(best), [f"output looks like {names} instead of RGB: channels are swapped"]


def _places(
    sr: NDArray[Any],
    hr: Image,
    lr: Image | None,
    scale: float,
    offset: float,
    green: int,
) -> list[str]:
    """What ``misplaced`` says of the green planes, range and channels put right."""
    plane = _plane(sr, green)
    if (scale, offset) != (1.0, 0.0):
        plane = plane * np.float32(scale) + np.float32(offset)
    return misplaced(plane, _plane(hr, 1), None if lr is None else _plane(lr, 1))


def _plane(image: NDArray[Any], channel: int) -> NDArray[Any]:
    """One channel of (H, W, C), or the grey image itself."""
    return image if image.ndim == 2 else image[..., min(channel, image.shape[2] - 1)]


def _sample(image: NDArray[Any]) -> Floats:
    """About ``_SAMPLE`` pixels of (H, W, C) or (H, W), spread evenly, as float32 (n, C)."""
    step = max(1, int(np.sqrt(image.shape[0] * image.shape[1] / _SAMPLE)))
    few = image[::step, ::step]
    return as_float(few.reshape(-1, 1 if few.ndim == 2 else few.shape[2]))


def _size(image: NDArray[Any]) -> str:
    return "x".join(str(n) for n in image.shape)
