"""Judge side: does a runtime depend on what the image shows? Images of one size, timed in turn."""

from __future__ import annotations

from collections.abc import Iterable
from statistics import median

LEAST = 4
"""Calls of an image that its median rests on."""
SURE = 1e-4
"""The chance, at most, that images which cost the same differ as much as these did."""
MATTERS = 1.05
"""The slowest image is at least this much slower than the fastest, or it is no matter."""


def image_times(calls: Iterable[tuple[int, float]]) -> dict[str, float] | None:
    """Median milliseconds by the number of the image, slowest last; None where all cost the same.

    ``calls`` are numbers of images and milliseconds. Whether the images differ is decided by the
    ranks of all calls (Kruskal and Wallis, JASA 47-260, 1952), which a neighbour's bursts do not
    sway.
    """
    by_image: dict[int, list[float]] = {}
    for number, ms in calls:
        by_image.setdefault(number, []).append(ms)
    known = {number: times for number, times in by_image.items() if len(times) >= LEAST}
    if len(known) < 2 or len({ms for times in known.values() for ms in times}) < 2:
        return None
    from scipy.stats import kruskal

    medians = sorted((median(times), number) for number, times in known.items())
    if medians[-1][0] < MATTERS * medians[0][0] or kruskal(*known.values()).pvalue > SURE:
        return None
    return {str(number): ms for ms, number in medians}
