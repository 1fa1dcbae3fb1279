"""The images that figures are reported on, and the refusal to train on any of them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from esrbench import bundled
from esrbench.data.entry import DatasetEntry
from esrbench.data.images import read_rgb
from esrbench.data.locate import locate
from esrbench.errors import UnavailableError, UsageError
from training.images import TrainingImages, TrainingPair
from training.overlap import overlaps
from training.squares import SHORTER, Floats, grey

METHOD = "overlap-1"
"""Changed whenever the same images could be judged otherwise."""
_NAMED = 3
"""Overlaps that are named; the others are counted."""


@dataclass(frozen=True)
class HeldOut:
    """One image of a test set."""

    name: str
    """With its set: ``Set5/woman``."""
    path: Path


def held_out(catalogue: Mapping[str, DatasetEntry], data_root: Path | None) -> list[HeldOut]:
    """The HR images of every dataset of ``catalogue`` that is on this machine."""
    found = []
    for dataset, entry in catalogue.items():
        for name, path in _hr(dataset, entry, data_root).items():
            found.append(HeldOut(f"{dataset}/{name}", path))
    return found


def refuse_overlap(
    images: TrainingImages, tests: Sequence[HeldOut], cache_dir: Path | None = None
) -> bool:
    """Whether it had to be looked at: images once found free of overlap are not searched again.

    Raises UsageError that names the training and the test image when they show the same.
    """
    verdict = (cache_dir or bundled.cache()) / "overlap" / _key(images, tests)
    if verdict.is_file():
        return False
    training = [_thumbnail(_recognisable(pair)) for pair in images.pairs]
    found = list(overlaps(training, [_thumbnail(test.path) for test in tests]))
    if found:
        named = [
            f"{images.pairs[one.training].hr_path} shows what {tests[one.test].name} shows "
            f"(similarity {one.similarity:.2f})"
            for one in found[:_NAMED]
        ]
        more = f" And {len(found) - _NAMED} more." if len(found) > _NAMED else ""
        raise UsageError(
            f"{'; '.join(named)}.{more} Figures on a test set mean nothing for a network that was "
            "trained on it; move such training images elsewhere."
        )
    with suppress(OSError):  # it is looked at again, then
        verdict.parent.mkdir(parents=True, exist_ok=True)
        verdict.touch()
    return True


def _hr(dataset: str, entry: DatasetEntry, data_root: Path | None) -> dict[str, Path]:
    """HR images by name; none where the set is not on this machine."""
    for kind in entry.lr.values():
        for scale in entry.scales:
            with suppress(UnavailableError, OSError):
                return locate(dataset, entry, kind, scale, data_root).hr
    return {}


def _recognisable(pair: TrainingPair) -> Path:
    """LR, which is read faster, where it is large enough."""
    return pair.lr_path if min(pair.height, pair.width) >= SHORTER else pair.hr_path


def _thumbnail(path: Path) -> Floats:
    return grey(read_rgb(path, grey="replicate"))


def _key(images: TrainingImages, tests: Sequence[HeldOut]) -> str:
    """Of the contents of all images that are compared."""
    digest = hashlib.sha256(f"{METHOD}\n{images.fingerprint}\n".encode())
    for test in tests:
        digest.update(hashlib.sha256(test.path.read_bytes()).digest())
    return digest.hexdigest()
