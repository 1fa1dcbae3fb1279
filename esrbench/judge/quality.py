"""The quality pass over one dataset: decode, send, forward, score, several images at a time.

While the runner computes one image the judge decodes the next and scores the one before, so that
a pass takes little longer than the forwards alone.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from esrbench.data.dataset import Dataset, ImagePair
from esrbench.judge.connection import SLOTS
from esrbench.judge.imaging import Forward, Imaging
from esrbench.metrics.diagnose import diagnose
from esrbench.metrics.mean import mean_over_images
from esrbench.metrics.quantise import to_uint8
from esrbench.metrics.scorer import Scorer
from esrbench.results.record import ImageScore

Image = NDArray[np.uint8]
Keep = Callable[[str, str, Image, Image, Image], None]
"""``(dataset, name, LR, SR, HR)``: what is to be done with the pictures."""


@dataclass
class QualityResult:
    """One dataset's figures."""

    images: list[ImageScore] = field(default_factory=list)
    means: dict[str, float | None] = field(default_factory=dict)
    infinite: dict[str, int] = field(default_factory=dict)
    flags: set[str] = field(default_factory=set)
    dtypes: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class _Decoded:
    pair: ImagePair
    lr: Image
    hr: Image


def quality_pass(
    imaging: Imaging,
    dataset: Dataset,
    scorer: Scorer,
    *,
    keep: Keep,
    progress: Callable[[str], None],
) -> QualityResult:
    """Score every image of ``dataset``; ``progress`` hears the name of each that is done.

    Raises RunnerFailure, RunnerRejected, or what the data room raises for a broken image.
    """
    result = QualityResult()
    with ThreadPoolExecutor(2) as pool:
        decoding = _Lookahead(pool, dataset.pairs)
        under_way: deque[tuple[_Decoded, tuple[int, ...], int]] = deque()
        scoring: deque[Future[ImageScore]] = deque()
        for number in range(len(dataset.pairs)):
            decoded = decoding.take()
            slot = number % SLOTS
            if len(under_way) == SLOTS:
                scoring.append(_hand_over(pool, imaging, under_way, result, scorer, dataset, keep))
            under_way.append((decoded, imaging.send(decoded.lr[None], slot), slot))
            _collect(scoring, result, progress, wait=False)
        while under_way:
            scoring.append(_hand_over(pool, imaging, under_way, result, scorer, dataset, keep))
        _collect(scoring, result, progress, wait=True)
    result.means, result.infinite = mean_over_images([image.values for image in result.images])
    return result


class _Lookahead:
    """Image pairs decoded ahead of their use, two at a time."""

    def __init__(self, pool: ThreadPoolExecutor, pairs: tuple[ImagePair, ...]) -> None:
        self._pool, self._left = pool, deque(pairs)
        self._ready: deque[Future[_Decoded]] = deque()

    def take(self) -> _Decoded:
        while self._left and len(self._ready) < 2:
            self._ready.append(self._pool.submit(_decode, self._left.popleft()))
        return self._ready.popleft().result()


def _decode(pair: ImagePair) -> _Decoded:
    return _Decoded(pair, pair.read_lr(), pair.read_hr())


def _hand_over(
    pool: ThreadPoolExecutor,
    imaging: Imaging,
    under_way: deque[tuple[_Decoded, tuple[int, ...], int]],
    result: QualityResult,
    scorer: Scorer,
    dataset: Dataset,
    keep: Keep,
) -> Future[ImageScore]:
    """Receive the oldest forward and have it scored."""
    decoded, shape, slot = under_way.popleft()
    forward = imaging.receive(shape, slot)
    result.dtypes.add(forward.dtype)
    if not forward.input_untouched:
        result.flags.add("mutates-input")
    return pool.submit(_score, decoded, forward, imaging.data_range, scorer, dataset.name, keep)


def _score(
    decoded: _Decoded, forward: Forward, data_range: float, scorer: Scorer, dataset: str, keep: Keep
) -> ImageScore:
    sr = forward.sr[0].transpose(1, 2, 0)
    pixels = to_uint8(sr, data_range)
    keep(dataset, decoded.pair.name, decoded.lr, pixels, decoded.hr)
    return ImageScore(
        name=decoded.pair.name,
        values=scorer.score(pixels, decoded.hr),
        lr_size=(decoded.lr.shape[0], decoded.lr.shape[1]),
        forward_ms=forward.ms,
        notes=diagnose(sr / data_range, decoded.hr, decoded.lr),
    )


def _collect(
    scoring: deque[Future[ImageScore]],
    result: QualityResult,
    progress: Callable[[str], None],
    *,
    wait: bool,
) -> None:
    """Take finished scores in order; all of them with ``wait``."""
    while scoring and (wait or scoring[0].done()):
        image = scoring.popleft().result()
        result.images.append(image)
        progress(image.name)
