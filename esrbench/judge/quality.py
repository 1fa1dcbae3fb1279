"""The quality pass over one dataset: decode, send, forward, score.

On a GPU the judge decodes the next images and scores the last ones while the runner computes. On a
CPU runner and judge would fight for the same cores, and a forward whose threads wait for each other
loses more than the judge wins; there a batch is decoded, then computed, then scored, each on all
cores.
"""

from __future__ import annotations

import re
import secrets
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from esrbench.data.dataset import Dataset, ImagePair
from esrbench.image import Image
from esrbench.judge.connection import SLOTS
from esrbench.judge.imaging import Forward, Imaging
from esrbench.metrics.bands import cores, keep_to_one_thread
from esrbench.metrics.diagnose import diagnose
from esrbench.metrics.mean import mean_over_images
from esrbench.metrics.quantise import to_uint8
from esrbench.metrics.scorer import Scorer
from esrbench.results.record import ImageScore

BATCH = 16
"""Images that are decoded together; their SR is held until they are scored."""
LOOKED_AT = 8
"""Images of a set that are diagnosed in any case: what is wrong with a network is wrong on all."""
TWICE = 3
"""Images that are asked for again when all are done."""
SUSPICIOUS_DB = 22.0
"""An image that scores less is diagnosed wherever it stands."""
Keep = Callable[[str, str, Image, Image, Image], None]
"""``(dataset, name, LR, SR, HR)``: what is to be done with the pictures."""


@dataclass(frozen=True)
class PassResult:
    """One dataset's figures, and what its forwards did besides their output."""

    images: tuple[ImageScore, ...]
    means: dict[str, float | None]
    infinite: dict[str, int]
    dtypes: frozenset[str]
    input_untouched: bool
    changed: frozenset[str]
    """What was not as the protocol fixes it after a forward, in words."""
    replayed: float
    """How far the answers were, of the data range, to images that were asked for again at the
    end."""
    apart: float = 0.0
    """... and how far those of the submission itself were from what is scored."""
    compared: int = 0
    """How many of those there were; none where what is scored is the submission's own."""


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
    overlap: bool = False,
    own: Imaging | None = None,
) -> PassResult:
    """Score every image of ``dataset``; ``progress`` hears the name of each that is done.

    In an order that is drawn, so that nothing can be made of what came before. ``overlap``: judge
    and runner work at the same time. ``own``: the submission itself, where what is scored is its
    graph; it is asked for some of the images too. Raises RunnerFailure, RunnerRejected, or what the
    data room raises for a broken image.
    """
    images: list[ImageScore] = []
    dtypes: set[str] = set()
    untouched = True
    changed: set[str] = set()
    order = _drawn(dataset.pairs, len(dataset.pairs))
    again = _drawn(dataset.pairs, TWICE)
    answered: dict[str, NDArray[np.float32]] = {}
    held: list[_Task] = []
    batches = [order[i : i + BATCH] for i in range(0, len(order), BATCH)]
    scoring: deque[Future[ImageScore]] = deque()
    with ThreadPoolExecutor(cores(), initializer=keep_to_one_thread) as pool:
        decoding = [pool.submit(_decode, pair) for pair in batches[0]]
        for number, upcoming in enumerate([*batches[1:], ()]):
            decoded = [future.result() for future in decoding]
            if overlap:
                decoding = [pool.submit(_decode, pair) for pair in upcoming]
            for place, (image, forward) in enumerate(_forwards(imaging, decoded)):
                dtypes.add(forward.dtype)
                untouched = untouched and forward.input_untouched
                changed.update(forward.flags.changed)
                if image.pair in again:
                    answered[image.pair.name] = forward.sr
                task = _Task(
                    image, forward, imaging.data_range, scorer, dataset.name, keep,
                    look=number == 0 and place < LOOKED_AT,
                )  # fmt: skip
                if overlap:
                    scoring.append(pool.submit(task.score))
                    _collect(scoring, images, progress, wait=False)
                else:
                    held.append(task)
            if not overlap:
                scoring.extend(pool.submit(task.score) for task in held)
                held.clear()
                decoding = [pool.submit(_decode, pair) for pair in upcoming]
                _collect(scoring, images, progress, wait=True)
        _collect(scoring, images, progress, wait=True)
    places = {pair.name: place for place, pair in enumerate(dataset.pairs)}
    shown = sorted(_with_common_notes(images), key=lambda image: places[image.name])
    scored = [scorer.pixels_scored(*(dataset.scale * side for side in i.lr_size)) for i in shown]
    means, infinite = mean_over_images([image.values for image in shown], scored)
    return PassResult(
        images=tuple(shown),
        means=means,
        infinite=infinite,
        dtypes=frozenset(dtypes),
        input_untouched=untouched,
        changed=frozenset(changed),
        replayed=_apart(imaging, again, answered),
        apart=_apart(own, again, answered) if own else 0.0,
        compared=len(again) if own else 0,
    )


def _drawn(pairs: Sequence[ImagePair], count: int) -> list[ImagePair]:
    """At most so many of ``pairs``, in an order that nobody can know."""
    return secrets.SystemRandom().sample(list(pairs), min(count, len(pairs)))


def _apart(
    imaging: Imaging, pairs: Sequence[ImagePair], before: Mapping[str, NDArray[np.float32]]
) -> float:
    """The largest difference, of the data range, of its answers now to those before."""
    found = 0.0
    for pair in pairs:
        sr = imaging.forward(pair.read_lr()[None]).sr
        found = max(found, float(np.abs(sr - before[pair.name]).max()))
    return found / imaging.data_range


def _with_common_notes(images: Sequence[ImageScore]) -> Iterator[ImageScore]:
    """``images`` without what was said of less than half of the images looked at.

    What is wrong with a network is wrong on all images; what is odd about one image (a photograph
    on black ground, say) is no news about the network.
    """
    looked_at = images[:LOOKED_AT]
    said = Counter(kind for image in looked_at for kind in {_kind(note) for note in image.notes})
    common = {kind for kind, count in said.items() if 2 * count >= len(looked_at)}
    for image in images:
        kept = [note for note in image.notes if _kind(note) in common]
        yield image.model_copy(update={"notes": kept})


def _kind(note: str) -> str:
    """A note without its figures."""
    return re.sub(r"[\d.]+", "#", note)


def _forwards(imaging: Imaging, decoded: Sequence[_Decoded]) -> Iterator[tuple[_Decoded, Forward]]:
    """Each image's forward, in order; the next LR is on its way before an SR is fetched."""
    under_way: deque[tuple[_Decoded, tuple[int, ...], int]] = deque()
    for number, image in enumerate(decoded):
        if len(under_way) == SLOTS:
            sent, shape, slot = under_way.popleft()
            yield sent, imaging.receive(shape, slot)
        slot = number % SLOTS
        under_way.append((image, imaging.send(image.lr[None], slot), slot))
    for sent, shape, slot in under_way:
        yield sent, imaging.receive(shape, slot)


def _decode(pair: ImagePair) -> _Decoded:
    return _Decoded(pair, pair.read_lr(), pair.read_hr())


@dataclass(frozen=True)
class _Task:
    """One image to be scored."""

    image: _Decoded
    forward: Forward
    data_range: float
    scorer: Scorer
    dataset: str
    keep: Keep
    look: bool
    """Whether to look for what may be wrong with it, however well it scores."""

    def score(self) -> ImageScore:
        """Its figures; a diagnosis for the first images, and for any that does badly."""
        image, sr = self.image, self.forward.sr[0].transpose(1, 2, 0)
        pixels = to_uint8(sr, self.data_range)
        self.keep(self.dataset, image.pair.name, image.lr, pixels, image.hr)
        values = self.scorer.score(pixels, image.hr)
        look = self.look or any(_is_bad(key, value) for key, value in values.items())
        return ImageScore(
            name=image.pair.name,
            values=values,
            lr_size=(image.lr.shape[0], image.lr.shape[1]),
            forward_ms=self.forward.ms,
            notes=diagnose(sr / self.data_range, image.hr, image.lr) if look else [],
        )


def _is_bad(key: str, value: float | None) -> bool:
    return key.startswith("psnr") and value is not None and value < SUSPICIOUS_DB


def _collect(
    scoring: deque[Future[ImageScore]],
    images: list[ImageScore],
    progress: Callable[[str], None],
    *,
    wait: bool,
) -> None:
    """Take finished scores in order; all of them with ``wait``."""
    while scoring and (wait or scoring[0].done()):
        image = scoring.popleft().result()
        images.append(image)
        progress(image.name)
