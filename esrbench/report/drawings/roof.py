"""A submission's layers under the device's roof."""

from __future__ import annotations

from markupsafe import Markup

from esrbench.report.drawings.paper import Sheet, axes, drawing, n, polyline, text
from esrbench.report.drawings.scale import logarithmic
from esrbench.report.numbers import with_prefix
from esrbench.report.roofline import RoofPlot

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
            f'r="{n(3 + 18 * layer.share**0.5)}"/>'
        )
    parts.append(
        f'<circle class="best" cx="{n(x.at(plot.whole[0]))}" cy="{n(y.at(plot.whole[1]))}" r="5"/>'
    )
    parts.append(text(x.at(plot.whole[0]), y.at(plot.whole[1]) + 19, "whole forward", "middle",
                      "name"))  # fmt: skip
    return drawing(_SHEET, "Roofline: layers and the whole network under the device's roof", *parts)


def _short(value: float) -> str:
    return with_prefix(value).replace(".000", "").replace(".00", "").replace(".0", "")
