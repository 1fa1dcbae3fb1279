"""Score SR images that exist already: two folders, paired by name."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from esrbench.data.images import read_rgb
from esrbench.errors import UsageError
from esrbench.image import Image
from esrbench.judge.progress import Progress
from esrbench.metrics.mean import mean_over_images
from esrbench.metrics.scorer import Scorer
from esrbench.results.record import ImageScore

SUFFIXES = {".png", ".bmp", ".tif", ".tiff", ".jpg", ".jpeg"}
_SCALE_SUFFIX = re.compile(r"_?x\d+$")
_MOD_CROP = 16
"""HR may be larger by fewer pixels than this: what mod-crop leaves over at any usual scale."""


@dataclass
class FolderScores:
    """One value an image and metric, and their means."""

    images: list[ImageScore] = field(default_factory=list)
    means: dict[str, float | None] = field(default_factory=dict)
    infinite: dict[str, int] = field(default_factory=dict)


def score_pairs(pairs: list[tuple[Path, Path]], scorer: Scorer, progress: Progress) -> FolderScores:
    """Score SR images, each against its HR image; raises UsageError where sizes do not match."""
    progress.phase("scoring", total=len(pairs))
    scores = FolderScores()
    with ThreadPoolExecutor(1) as pool:
        # The next pair is decoded while this one is scored.
        upcoming = [pool.submit(read_pair, *pair) for pair in pairs]
        for (sr_path, _), future in zip(pairs, upcoming, strict=True):
            sr, hr = future.result()
            values = scorer.score(sr, hr)
            size = (hr.shape[0], hr.shape[1])
            scores.images.append(ImageScore(name=sr_path.stem, values=values, lr_size=size))
            progress.step(sr_path.name)
    progress.end()
    scores.means, scores.infinite = mean_over_images([image.values for image in scores.images])
    return scores


def pair_up(sr_dir: Path, hr_dir: Path) -> list[tuple[Path, Path]]:
    """Each SR image with its HR image; ``babyx4`` and ``baby_x4`` belong to ``baby``."""
    sr_images, hr_images = _images(sr_dir), _images(hr_dir)
    hr_by_name = {path.stem: path for path in hr_images}
    pairs = []
    for path in sr_images:
        hr = hr_by_name.get(path.stem) or hr_by_name.get(_SCALE_SUFFIX.sub("", path.stem))
        if hr is None:
            raise UsageError(
                f"{path} has no HR image of its name in {hr_dir}; that folder has "
                f"{', '.join(sorted(hr_by_name)[:5])} and so on."
            )
        pairs.append((path, hr))
    left = len(hr_images) - len({hr for _, hr in pairs})
    if left:
        missing = sorted(set(hr_by_name) - {hr.stem for _, hr in pairs})
        raise UsageError(
            f"{sr_dir} lacks {left} of {len(hr_images)} images of {hr_dir} "
            f"({', '.join(missing[:5])}); a mean over a part of a set is not that set's mean."
        )
    return pairs


def read_pair(sr_path: Path, hr_path: Path) -> tuple[Image, Image]:
    """Both as RGB, HR mod-cropped to SR's size; raises UsageError where they do not match."""
    sr, hr = read_rgb(sr_path, grey="replicate"), read_rgb(hr_path, grey="replicate")
    height, width = sr.shape[:2]
    beyond = (hr.shape[0] - height, hr.shape[1] - width)
    if min(beyond) < 0 or max(beyond) >= _MOD_CROP:
        raise UsageError(
            f"{sr_path} is {height}x{width} and {hr_path} is {hr.shape[0]}x{hr.shape[1]} "
            "(height x width); SR must be as large as HR, or as HR after mod-crop."
        )
    return sr, hr[:height, :width]


def _images(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise UsageError(f"There is no folder {folder}.")
    found = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)
    if not found:
        raise UsageError(f"{folder} has no images ({', '.join(sorted(SUFFIXES))}).")
    return found
