"""Does it do as well on images that nobody can have seen?

Test sets are public. Their images can stand in a submission's weights or in a table, to be
recognised and put out again. A twin of a test image is the same photograph turned or mirrored, cut
at an odd place and dimmed: the same content, for whoever computes; unknown, for whoever remembers.
"""

from __future__ import annotations

import math
import random
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from esrbench.data.dataset import Dataset, ImagePair
from esrbench.flags import REMEMBERS
from esrbench.image import Image
from esrbench.judge.chance import Asking
from esrbench.judge.imaging import Imaging
from esrbench.judge.parts import Generalised, Part, Reason
from esrbench.metrics.quantise import to_uint8
from esrbench.results.record import Generalisation

ASKED = 6
"""Images of the ranked dataset whose twins are asked for."""
MARGIN_DB = 0.3
"""What an honest network may lose on twins, on the mean. None of the bundled systems lost anything,
in any draw, as far as they were measured (``benchmarks/generalisation.py``; docs/security.md has
which): a twin is dimmed, and most errors with it."""
SIDE = 192
"""LR pixels a side of a twin, at most: it is asked for beside the test, and is to cost little."""
_CUT = 7
"""LR pixels that at most are cut off at the top and on the left."""
_GAINS = (0.96, 0.99)
_LEAST_SIDE = 16
METRIC = "psnr_rgb"
Forward = Callable[[Image], NDArray[np.float32]]
"""SR ``(H, W, 3)`` in the network's own range, of a uint8 LR."""
Answer = Callable[[Image], Image]
"""SR of an LR, both ``(H, W, 3)`` uint8."""


@dataclass(frozen=True)
class Twin:
    """What is done to a pair to make it one that nobody has seen."""

    turns: int
    """Quarter turns ..."""
    mirrored: bool
    """... after a mirror image, where it is one."""
    top: int
    left: int
    """LR pixels cut off ..."""
    height: int
    width: int
    """... and the LR size that is kept."""
    gain: float
    """How much it is dimmed."""

    def place(self, image: Image, scale: int = 1) -> Image:
        """The part of ``image`` that is kept, as it was."""
        top, left = self.top * scale, self.left * scale
        return image[top : top + self.height * scale, left : left + self.width * scale]

    def of(self, image: Image, scale: int = 1) -> Image:
        """The twin of ``image``: of LR at scale 1, of HR at the network's."""
        part = self.place(image, scale)
        part = np.rot90(part[:, ::-1] if self.mirrored else part, self.turns)
        dimmed: Image = np.rint(np.float32(self.gain) * part.astype(np.float32)).astype(np.uint8)
        return np.ascontiguousarray(dimmed)


def draw(height: int, width: int, chance: random.Random) -> Twin:
    """A twin of an LR of that size: never its mere copy."""
    turns, mirrored = divmod(chance.randrange(1, 8), 2)
    top, left = chance.randint(1, _CUT), chance.randint(1, _CUT)
    kept = [
        max(_LEAST_SIDE, min(SIDE, side - first - chance.randint(0, _CUT)))
        for side, first in ((height, top), (width, left))
    ]
    return Twin(turns, bool(mirrored), top, left, kept[0], kept[1], chance.uniform(*_GAINS))


def probe_generalisation(asking: Asking, dataset: Dataset, crop: int) -> Iterator[Part]:
    """The quality lost on twins of some images of ``dataset``; raises as ``forward``."""
    imaging = asking.imaging
    chance = secrets.SystemRandom()
    large = [pair for pair in dataset.pairs if min(pair.read_lr().shape[:2]) >= 2 * _LEAST_SIDE]
    drawn = chance.sample(large, min(ASKED, len(large)))
    if not drawn:
        why = f"Images that nobody has seen: {dataset.name} has none to make them of."
        yield Part(reasons=(Reason("phase", "generalisation", why),))
        return
    found = {pair.name: compared(imaging, pair, crop, chance) for pair in drawn}
    drop = mean_drop(list(found.values()))
    yield Generalised(
        generalisation=Generalisation(
            dataset=dataset.name, metric=METRIC, drop=drop, margin=MARGIN_DB, images=found
        ),
        flags=(REMEMBERS,) if drop > MARGIN_DB else (),
    )


def compared(
    imaging: Imaging, pair: ImagePair, crop: int, chance: random.Random
) -> tuple[float, float]:
    """PSNR (RGB) on one part of a test image, and on its twin; ``crop`` HR pixels are
    left out at each border of the part."""
    forward: Forward = lambda lr: imaging.forward(lr[None]).sr[0].transpose(1, 2, 0)  # noqa: E731
    answer = answer_with(forward, imaging.data_range)
    return compared_by(answer, pair, imaging.scale, crop, chance)


def compared_by(
    answer: Answer, pair: ImagePair, scale: int, crop: int, chance: random.Random
) -> tuple[float, float]:
    """The same by whatever gives an SR for an LR."""
    lr, hr = pair.read_lr(), pair.read_hr()
    twin = draw(lr.shape[0], lr.shape[1], chance)
    whole = answer(lr)
    border = crop + scale * _border(twin)
    there = _psnr(twin.place(whole, scale), twin.place(hr, scale), border)
    # Less light is less of most errors, and not of all: what a twin gains by it is left to it.
    here = _psnr(answer(twin.of(lr)), twin.of(hr, scale), border)
    return there, here


def mean_drop(found: Sequence[tuple[float, float]]) -> float:
    """How much less the twins have on the mean, dB."""
    return math.fsum(there - here for there, here in found) / len(found)


def _border(twin: Twin) -> int:
    """LR pixels at the borders of a part that a network sees otherwise than within the whole."""
    return min(4, (min(twin.height, twin.width) - 8) // 4)


def answer_with(forward: Forward, data_range: float) -> Answer:
    """``forward`` with its SR as whole pixels."""

    def answer(lr: Image) -> Image:
        pixels: Image = to_uint8(forward(lr), data_range)
        return pixels

    return answer


def _psnr(sr: Image, hr: Image, border: int) -> float:
    """dB of whole pixels, at most 60: beyond it there is nothing but rounding."""
    inside = np.s_[border : sr.shape[0] - border, border : sr.shape[1] - border]
    error = float(np.mean((sr[inside].astype(np.float64) - hr[inside].astype(np.float64)) ** 2))
    return 60.0 if error < 255**2 / 1e6 else 10 * math.log10(255**2 / error)
