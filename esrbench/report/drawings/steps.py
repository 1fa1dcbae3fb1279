"""A training run: what its checkpoints score, by step."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from esrbench.number_of import number_of
from esrbench.quantities import metrics
from esrbench.report.drawings.paper import Sheet, axes, drawing, n, polyline
from esrbench.report.drawings.scale import linear
from esrbench.results.swept import SweptPoint

_SHEET = Sheet(520, 240, left=60, shown=720)


def steps_drawing(points: Sequence[SweptPoint], chosen: int) -> Markup:
    """A dot a checkpoint, that of the step ``chosen`` larger; "" where fewer than two have a
    figure."""
    known = [(point.step, point.value) for point in points if point.value is not None]
    if len(known) < 2:
        return Markup("")
    of = points[-1]
    x = linear([step for step, _ in known], *_SHEET.across)
    y = linear([value for _, value in known], *_SHEET.up)
    heading = f"{metrics.described(of.metric).with_unit()} on {of.dataset}"
    parts = [axes(_SHEET, x, y, "training step", heading)]
    parts.append(polyline([(x.at(step), y.at(value)) for step, value in known], "front"))
    for step, value in known:
        kind, radius = ("best", 5) if step == chosen else ("sample submission", 2.5)
        parts.append(
            f'<circle class="{kind}" cx="{n(x.at(step))}" cy="{n(y.at(value))}" r="{radius}">'
            f"<title>step {step:,}: {value:.4g}</title></circle>"
        )
    return drawing(_SHEET, f"{heading} over {number_of(len(known), 'checkpoint')}", *parts)
