"""Put names beside points so that no two overlap and none hides a point."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Box:
    """A rectangle in pixels, y upwards."""

    left: float
    bottom: float
    right: float
    top: float

    def overlap(self, other: Box) -> float:
        """The shared area."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.top, other.top) - max(self.bottom, other.bottom)
        return max(0.0, width) * max(0.0, height)

    def grown(self, by: float) -> Box:
        """The same with a margin all round."""
        return Box(self.left - by, self.bottom - by, self.right + by, self.top + by)


@dataclass(frozen=True)
class Spot:
    """Where a label goes."""

    box: Box
    far: bool
    """Far enough from its point to need a line to it."""


_ANGLES = (0, 90, 270, 180, 45, 315, 135, 225, 20, 340, 160, 200, 70, 110, 250, 290)


def place(
    points: Sequence[tuple[float, float]],
    sizes: Sequence[tuple[float, float]],
    radii: Sequence[float],
    frame: Box,
    obstacles: Sequence[Box] = (),
    others: Sequence[tuple[float, float]] = (),
) -> list[Spot | None]:
    """A spot for each label, in the points' order; None where there is no free place.

    ``points`` and ``sizes`` (width, height of the text) are in pixels, ``radii`` those of the
    markers. Labels are placed in the order given: the important ones first. A label without a line
    to its point is nearer to it than to any other of ``points`` and ``others``, or it would be read
    as that one's; one with a line touches no other's marker, neither itself nor by its line.
    """
    taken = [Box(x - r, y - r, x + r, y + r) for (x, y), r in zip(points, radii, strict=True)]
    taken += obstacles
    spots: list[Spot | None] = []
    written: list[Box] = []
    for point, size, radius in zip(points, sizes, radii, strict=True):
        spot = next(
            (
                s
                for s in _candidates(point, size, radius)
                if _free(s.box, taken, frame)
                and not (s.far and _crosses(point, s.box, written))
                and (
                    _leads_to(point, s.box, (*points, *others), radius)
                    if s.far
                    else _is_own(point, s.box, (*points, *others))
                )
            ),
            None,
        )
        spots.append(spot)
        if spot:
            taken.append(spot.box.grown(0.5))
            written.append(spot.box)
    return spots


def _candidates(
    point: tuple[float, float], size: tuple[float, float], radius: float
) -> Iterator[Spot]:
    """Boxes around ``point``, the nearest first."""
    width, height = size
    for step in range(9):
        gap = radius + 2 + step * height * 0.7
        for degrees in _ANGLES:
            angle = math.radians(degrees)
            x = point[0] + gap * math.cos(angle) + _side(math.cos(angle)) * width / 2
            y = point[1] + gap * math.sin(angle) + _side(math.sin(angle)) * height / 2
            box = Box(x - width / 2, y - height / 2, x + width / 2, y + height / 2)
            yield Spot(box, far=step > 1)


def _side(cosine: float) -> float:
    """-1, 0 or 1, gently: a label to the right starts at the point, one above is centred."""
    return max(-1.0, min(1.0, cosine * 1.6))


def _is_own(point: tuple[float, float], label: Box, points: Sequence[tuple[float, float]]) -> bool:
    """Whether no other of ``points`` is nearer to ``label`` than its own."""
    mine = _distance(label, point)
    return all(other == point or _distance(label, other) > mine for other in points)


def _leads_to(
    point: tuple[float, float], label: Box, points: Sequence[tuple[float, float]], radius: float
) -> bool:
    """Whether the line from a far ``label`` to its ``point`` passes no other marker, and the label
    does not begin at one."""
    x = min(max(point[0], label.left), label.right)
    y = min(max(point[1], label.bottom), label.top)
    steps = [(point[0] + (x - point[0]) * i / 12, point[1] + (y - point[1]) * i / 12)
             for i in range(13)]  # fmt: skip
    return all(
        math.dist(other, step) > radius + 1 and _distance(label, other) > radius + 4
        for other in points
        if math.dist(other, point) > radius
        for step in steps
    )


def _distance(box: Box, point: tuple[float, float]) -> float:
    across = max(box.left - point[0], 0.0, point[0] - box.right)
    up = max(box.bottom - point[1], 0.0, point[1] - box.top)
    return math.hypot(across, up)


def _crosses(point: tuple[float, float], label: Box, written: Sequence[Box]) -> bool:
    """Whether the line from ``point`` to the nearest edge of its ``label`` runs through another."""
    x = min(max(point[0], label.left), label.right)
    y = min(max(point[1], label.bottom), label.top)
    return any(
        box.left < point[0] + (x - point[0]) * part < box.right
        and box.bottom < point[1] + (y - point[1]) * part < box.top
        for box in written
        for part in (i / 8 for i in range(9))
    )


def _free(box: Box, taken: Sequence[Box], frame: Box) -> bool:
    inside = (
        box.left >= frame.left
        and box.right <= frame.right
        and box.bottom >= frame.bottom
        and box.top <= frame.top
    )
    return inside and all(box.overlap(other) == 0 for other in taken)
