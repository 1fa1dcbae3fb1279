"""A submission's layers under the device's roof."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise

from markupsafe import Markup

from esrbench.report.drawings.paper import LETTER, Sheet, axes, drawing, n, polyline, text
from esrbench.report.drawings.scale import Scale, logarithmic
from esrbench.report.numbers import with_prefix
from esrbench.report.plots.labels import Box, place
from esrbench.report.roofline import RoofPlot

_WHOLE = "whole forward"
_STEPS = 24
"""Of each line of the roof, as boxes that the name keeps off."""
_SHEET = Sheet(480, 300, left=62, shown=640)


def roof_drawing(plot: RoofPlot) -> Markup:
    """MACs per second against MACs per byte moved, both logarithmic; a layer's area is its share
    of the time."""
    ridge = plot.ceilings.macs_per_s / plot.ceilings.bytes_per_s
    points = [layer.at for layer in plot.layers] + [plot.whole]
    xs = [at[0] for at in points] + [ridge / 4, ridge * 4]
    x = logarithmic(xs, *_SHEET.across)
    roof = [(v, min(plot.ceilings.macs_per_s, v * plot.ceilings.bytes_per_s))
            for v in (x.low, ridge, x.high)]  # fmt: skip
    y = logarithmic([at[1] for at in points] + [r for _, r in roof], *_SHEET.up)
    parts = [
        axes(_SHEET, x, y, "MACs per byte moved", "MACs per second", y_words=_short),
        polyline([(x.at(a), y.at(b)) for a, b in roof], "roof"),
        text(x.at(x.high) - 4, y.at(plot.ceilings.macs_per_s) + 16,
             f"{with_prefix(plot.ceilings.macs_per_s, 'MAC/s')}, {plot.ceilings.precision}", "end"),
    ]  # fmt: skip
    for layer in plot.layers:
        parts.append(
            f'<circle class="row" cx="{n(x.at(layer.at[0]))}" cy="{n(y.at(layer.at[1]))}" '
            f'r="{n(_radius(layer.share))}"/>'
        )
    parts.append(
        f'<circle class="best" cx="{n(x.at(plot.whole[0]))}" cy="{n(y.at(plot.whole[1]))}" r="5"/>'
    )
    parts.append(_name(plot, x, y, [(x.at(a), y.at(b)) for a, b in roof]))
    return drawing(_SHEET, "Roofline: layers and the whole network under the device's roof", *parts)


def _name(plot: RoofPlot, x: Scale, y: Scale, roof: Sequence[tuple[float, float]]) -> str:
    """``whole forward`` beside its point, off the layers and off the roof where there is room."""
    at = (x.at(plot.whole[0]), y.at(plot.whole[1]))
    discs = [(x.at(layer.at[0]), y.at(layer.at[1]), _radius(layer.share)) for layer in plot.layers]
    taken = [Box(a - r, b - r, a + r, b + r) for a, b, r in discs] + list(_pieces(roof))
    (left, right), (bottom, top) = _SHEET.across, _SHEET.up
    size = (LETTER * len(_WHOLE), 13.0)
    # `place` counts upwards, a drawing downwards; only distances matter to it.
    (spot,) = place([at], [size], [6.0], Box(left, top, right, bottom), taken)
    if spot is None:
        return text(at[0], at[1] + 19, _WHOLE, "middle", "name")
    return text(spot.box.left, spot.box.top - 3, _WHOLE, kind="name")


def _pieces(roof: Sequence[tuple[float, float]]) -> Iterator[Box]:
    """The roof as small boxes."""
    for (x0, y0), (x1, y1) in pairwise(roof):
        for i in range(_STEPS):
            a, b = x0 + (x1 - x0) * i / _STEPS, y0 + (y1 - y0) * i / _STEPS
            c, d = x0 + (x1 - x0) * (i + 1) / _STEPS, y0 + (y1 - y0) * (i + 1) / _STEPS
            yield Box(min(a, c), min(b, d) - 1, max(a, c), max(b, d) + 1)


def _radius(share: float) -> float:
    return 3 + 18 * math.sqrt(share)


def _short(value: float) -> str:
    return with_prefix(value).replace(".000", "").replace(".00", "").replace(".0", "")
