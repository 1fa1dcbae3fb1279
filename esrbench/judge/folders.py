"""Score SR images that exist already, each against its HR image."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from esrbench.data.images import image_size, mod_crop, read_rgb
from esrbench.data.sr_folders import SrPair, SrSet
from esrbench.errors import UsageError
from esrbench.image import Image
from esrbench.judge.progress import Progress
from esrbench.metrics.diagnose import diagnose
from esrbench.metrics.mean import mean_over_images
from esrbench.metrics.scorer import Scorer

Size = tuple[int, int]

_USUAL_SCALES = (2, 3, 4)
"""Tried where nobody says the scale; a larger one would explain nearly any loss of pixels."""


@dataclass(frozen=True)
class ImageFigures:
    """One SR image: its figures by metric, and what looks wrong with it, in words."""

    name: str
    values: dict[str, float | None]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class SetFigures:
    """One dataset's SR images and their means."""

    name: str
    """Its sub-folder; empty where there is only one."""
    images: tuple[ImageFigures, ...]
    means: dict[str, float | None]
    infinite: dict[str, int]
    """By metric: how many images are identical to HR, and left out of its mean."""


def score_set(
    pairs: SrSet, scorer: Scorer, *, crop: int, scale: int | None, progress: Progress
) -> SetFigures:
    """Score a set's SR images; ``scale`` (else the files' names') explains a mod-crop of HR.

    Raises UsageError where sizes or colours do not match.
    """
    scale = common_scale(pairs.pairs, scale or pairs.scale)
    progress.phase(f"scoring {pairs.name}".strip(), total=len(pairs.pairs))
    images, pixels = [], []
    with ThreadPoolExecutor(1) as pool:
        # The next pair is decoded while this one is scored.
        upcoming = [pool.submit(read_pair, pair, scale) for pair in pairs.pairs]
        for pair, future in zip(pairs.pairs, upcoming, strict=True):
            sr, hr = future.result()
            with _naming(pair.sr):
                values = scorer.score(sr, hr)
            said = diagnose(sr.astype(np.float32) / 255, hr)
            images.append(ImageFigures(pair.name, values, tuple(said)))
            pixels.append((hr.shape[0] - 2 * crop) * (hr.shape[1] - 2 * crop))
            progress.step(pair.sr.name)
    progress.end()
    means, infinite = mean_over_images([image.values for image in images], pixels)
    return SetFigures(pairs.name, tuple(images), means, infinite)


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    """What a metric says of an image, with the file it is said of."""
    try:
        yield
    except UsageError as why:
        raise UsageError(f"{path}: {why}") from None


def common_scale(pairs: Sequence[SrPair], said: int | None) -> int:
    """The scale whose mod-crop explains every difference in size; 1 where there is none.

    ``said`` is the scale where it is known. Raises UsageError naming both sizes where nothing
    explains them: HR is never cut to fit.
    """
    sizes = [(image_size(pair.sr), image_size(pair.hr)) for pair in pairs]
    scales: tuple[int, ...] = (1, *(_USUAL_SCALES if said is None else (said,)))
    for scale in scales:
        if all(_explains(scale, *size) for size in sizes):
            return scale
    raise UsageError(_unexplained(pairs, sizes, scales))


def read_pair(pair: SrPair, scale: int) -> tuple[Image, Image]:
    """Both as RGB, HR mod-cropped by ``scale`` if SR is; raises UsageError for a grey SR alone."""
    sr, hr = read_rgb(pair.sr, grey="keep"), read_rgb(pair.hr, grey="keep")
    if sr.ndim < hr.ndim:
        raise UsageError(
            f"{pair.sr} is greyscale and {pair.hr} is RGB; save SR as RGB, with HR's colours if "
            "the network gives Y alone."
        )
    if sr.shape[:2] != hr.shape[:2]:
        hr = mod_crop(hr, scale)
    return _rgb(sr), _rgb(hr)


def _explains(scale: int, sr: Size, hr: Size) -> bool:
    return sr in (hr, _cut(hr, scale))


def _unexplained(
    pairs: Sequence[SrPair], sizes: list[tuple[Size, Size]], scales: tuple[int, ...]
) -> str:
    """The first pair that no scale explains, or else the first that not all scales do."""
    odd = [i for i, size in enumerate(sizes) if not any(_explains(s, *size) for s in scales)]
    odd += [i for i, size in enumerate(sizes) if not all(_explains(s, *size) for s in scales)]
    pair, (sr, hr) = pairs[odd[0]], sizes[odd[0]]
    tried = ", ".join(f"x{scale}" for scale in scales[1:])
    return (
        f"{pair.sr} is {sr[1]}x{sr[0]} and {pair.hr} is {hr[1]}x{hr[0]} pixels (width x height). "
        f"Only mod-crop may set them apart, and no one scale of {tried} explains the set (say "
        "another with --scale): make SR of HR's size, or give HR that is cut as SR was."
    )


def _cut(size: Size, scale: int) -> Size:
    return size[0] - size[0] % scale, size[1] - size[1] % scale


def _rgb(image: Image) -> Image:
    return image if image.ndim == 3 else np.repeat(image[:, :, None], 3, axis=2)
