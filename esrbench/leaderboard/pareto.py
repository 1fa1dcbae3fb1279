"""The Pareto front: the rows that no other row beats on both figures."""

from __future__ import annotations

from collections.abc import Sequence


def pareto_front(
    points: Sequence[tuple[float | None, float | None]],
    *,
    lower_x: bool = True,
    lower_y: bool = False,
) -> list[int]:
    """Indices of the points on the front, by x from best to worst.

    A point is on the front when no other is at least as good on both axes and better on one.
    Equal points are on it together. Points with a missing coordinate are never on it.
    """
    placed = [
        (x if lower_x else -x, y if lower_y else -y, i)
        for i, (x, y) in enumerate(points)
        if x is not None and y is not None and x == x and y == y
    ]
    placed.sort()
    front: list[int] = []
    best: tuple[float, float] | None = None
    for x, y, i in placed:
        if best is None or y < best[1] or (x, y) == best:
            front.append(i)
            best = (x, y)
    return front
