"""How one metric's values lie over the images of a set."""

from __future__ import annotations

import math
from collections.abc import Sequence

from markupsafe import Markup, escape

from esrbench.number_of import number_of
from esrbench.quantities.metrics import described, in_order
from esrbench.report.numbers import fixed
from esrbench.results.record import ImageScore

_BINS = 24
_WIDTH, _HEIGHT, _WORDS = 480.0, 52.0, 14.0
LEAST = 8
"""Fewer images than this are seen at a glance in their table."""


def histogram(scores: Sequence[ImageScore]) -> Markup:
    """Bars of the first metric's values; "" for few images or values that are all the same."""
    keys = in_order(metric for score in scores for metric in score.values)
    values = [score.values.get(keys[0]) for score in scores] if keys else []
    known = [value for value in values if value is not None and math.isfinite(value)]
    if len(known) < LEAST or min(known) == max(known):
        return Markup("")
    low, high = min(known), max(known)
    counts = [0] * _BINS
    for value in known:
        counts[min(_BINS - 1, int((value - low) / (high - low) * _BINS))] += 1
    step, room = _WIDTH / _BINS, _HEIGHT - _WORDS
    bars = "".join(
        f'<rect x="{i * step:.1f}" y="{room * (1 - count / max(counts)):.1f}" '
        f'width="{step - 1:.1f}" height="{room * count / max(counts):.1f}"/>'
        for i, count in enumerate(counts)
        if count
    )
    what, images = described(keys[0]), number_of(len(known), "image")
    ends = "".join(
        f'<text x="{x}" y="{_HEIGHT - 2:.0f}" text-anchor="{anchor}">{words}</text>'
        for x, anchor, words in (
            (0, "start", fixed(low, what.digits)),
            (_WIDTH / 2, "middle", escape(f"{what.heading} of {images}")),
            (_WIDTH, "end", f"{fixed(high, what.digits)} {escape(what.unit)}"),
        )
    )
    name = escape(f"{what.heading} of {images}, from {low:.2f} to {high:.2f}")
    return Markup(
        f'<svg class="histogram" viewBox="0 0 {_WIDTH:.0f} {_HEIGHT:.0f}" role="img" '
        f'aria-label="{name}">{bars}{ends}</svg>'
    )
