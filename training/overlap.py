"""Whether a training image shows what a test image shows: the run is not started, then.

Found: the same photograph whole or as a crop of either, resized, mirrored, turned by quarters, as
JPEG, with another brightness or contrast, as long as the part in common holds a square of three
quarters of the shorter side of one of the two and a third of the other's. Missed: smaller parts in
common, other angles, the same scene from another place, pictures without structure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import nlargest

import numpy as np

from training.squares import (
    TURNS,
    Floats,
    details,
    looked_at,
    part,
    turned,
    turned_image,
    turned_place,
    windows,
)

EVERYWHERE = (8, 9, 11, 13, 16, 19, 23)
"""Sides for which an image is searched: squares of a third of its shorter side up to all of it."""
ASKED = (8, 16)
"""Sides for the squares that are looked for: all of the shorter side, and half of it."""
ASKED_STEP = 4
ALIKE = 0.9
"""Similarity of 8x8 thumbnails from which a closer look is taken."""
LOOKS = 3
"""Closer looks at two images."""
CLOSER = 24
"""Side of the thumbnails of the closer look."""
HOPELESS = 0.35
"""Similarity of 24x24 thumbnails below which no shift of less than a pixel helps."""
PROMISING = 0.5
"""Similarity of 24x24 thumbnails from which all that two images share is compared."""
SAME = 0.85
"""Similarity of all that two images share, where they are held to show the same."""
_BLOCK = 1024


@dataclass(frozen=True)
class Overlap:
    """Two images that show the same, by their places in the two lists."""

    training: int
    test: int
    similarity: float


def overlaps(training: Sequence[Floats], test: Sequence[Floats]) -> Iterator[Overlap]:
    """Pairs of images (see :func:`training.squares.grey`) that share a part; each pair once."""
    seen: set[tuple[int, int]] = set()
    for asked, searched, swapped in ((test, training, False), (training, test, True)):
        for one, other, similarity in _found(asked, searched):
            pair = (one, other) if swapped else (other, one)
            if pair not in seen:
                seen.add(pair)
                yield Overlap(*pair, similarity)


def _found(asked: Sequence[Floats], searched: Sequence[Floats]) -> Iterator[tuple[int, int, float]]:
    """Indices of images that squares of ``asked`` were found in, and how similar they are."""
    questions = [windows(y, ASKED, ASKED_STEP) for y in asked]
    of = np.repeat(np.arange(len(asked)), [len(q.vectors) for q in questions])
    places = np.concatenate([q.places for q in questions])
    all_asked = np.concatenate([q.vectors for q in questions])
    for index, y in enumerate(searched):
        there = windows(y, EVERYWHERE)
        close: defaultdict[int, list[tuple[float, int, int, int]]] = defaultdict(list)
        for turn in range(TURNS):
            likeness = turned(all_asked, turn) @ there.vectors.T
            best = likeness.max(axis=1)
            for question in np.flatnonzero(best > ALIKE):
                window = int(likeness[question].argmax())
                candidate = (float(best[question]), int(question), window, turn)
                close[int(of[question])].append(candidate)
        for one, candidates in close.items():
            similarity = max(
                _close_look(asked[one], places[question], turn, y, there.places[window])
                for _, question, window, turn in nlargest(LOOKS, candidates)
            )
            if similarity > SAME:
                yield one, index, similarity


def _close_look(asked: Floats, place: Floats, turn: int, searched: Floats, there: Floats) -> float:
    """How alike all is that ``asked`` and ``searched`` share, when a square of ``asked`` is laid
    on the one of ``searched`` about ``there`` that it resembles most; 0 when it resembles none."""
    asked, place = turned_image(asked, turn), turned_place(asked, place, turn)
    wanted = details(looked_at(asked, place[None], CLOSER))[0]
    for reach in (0.08, 0.04, 0.02, 0.01):
        around = _around(searched, there, reach)
        likeness = details(looked_at(searched, around, CLOSER)) @ wanted
        if likeness.max() < HOPELESS:
            return 0.0
        there = around[int(likeness.argmax())]
    if likeness.max() < PROMISING:
        return 0.0
    around = _around(searched, there, 0.015)
    return max(_alike_in_common(asked, place, searched, there) for there in around)


def _alike_in_common(asked: Floats, place: Floats, searched: Floats, there: Floats) -> float:
    """Likeness of all that lies in both images, when the squares lie on each other."""
    (top, left, side), (there_top, there_left, there_side) = (
        square * min(y.shape) for square, y in ((place, asked), (there, searched))
    )
    grown = there_side / side
    before = [min(top, there_top / grown), min(left, there_left / grown)]
    after = [
        min(length - near, (there_length - there_near) / grown)
        for length, there_length, near, there_near in zip(
            asked.shape, searched.shape, (top, left), (there_top, there_left), strict=True
        )
    ]
    height, width = (round(CLOSER * (b + a) / side) for b, a in zip(before, after, strict=True))
    shared = (top - before[0], left - before[1], top + after[0], left + after[1])
    there_shared = (
        there_top - before[0] * grown, there_left - before[1] * grown,
        there_top + after[0] * grown, there_left + after[1] * grown,
    )  # fmt: skip
    one, other = (
        details(part(y, box, height, width)[None])[0]
        for y, box in ((asked, shared), (searched, there_shared))
    )
    return float(one @ other)


def _around(y: Floats, place: Floats, reach: float) -> Floats:
    """Squares within ``y``, moved by ``reach`` of a side each way, larger and smaller by it."""
    steps = np.arange(-1, 2) * reach
    down, right, grow = (axis.ravel() for axis in np.meshgrid(steps, steps, steps, indexing="ij"))
    top, left, side = place
    height, width = (length / min(y.shape) for length in y.shape)
    larger = np.minimum(side * (1 + grow), 1)
    # About the middle: a square that grows does not move.
    top = np.clip(top + side * down - (larger - side) / 2, 0, height - larger)
    left = np.clip(left + side * right - (larger - side) / 2, 0, width - larger)
    return np.stack([top, left, larger], axis=1).astype(np.float32)
