"""Names beside the points of a figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Text

from esrbench.errors import UsageError, nearest
from esrbench.report.plots.labels import Box, Spot, place
from esrbench.report.plots.left_out import tell_left_out
from esrbench.report.plots.points import Point, short
from esrbench.report.plots.style import INK, QUIET, SOFT

NAME = "name"
"""What marks the texts that are names of points."""
THRESHOLD = "threshold"
"""What marks the line of a threshold, from which names keep off."""


MANY = 25
"""More points than this cannot all have their names beside them."""
_TOP = 5


def numbered(points: Sequence[Point], labels: str) -> dict[str, int]:
    """The numbers that stand for names, by the rows' labels: of many points only the lit, those
    of the front and the best of the table have their names beside them, the others numbers."""
    if labels != "all" or len(points) <= MANY:
        return {}
    best = set(map(id, _best(points, _TOP)))
    rest = [p for p in points if not (p.lit or p.front or id(p) in best)]
    rest.sort(key=lambda p: (p.place == 0, p.place, p.x))
    return {p.label: number for number, p in enumerate(rest, start=1)}


def key_of(points: Sequence[Point], numbers: Mapping[str, int]) -> str:
    """``1 IMDN, 2 RFDN``: what the numbers stand for; blanks within a name do not break."""
    named = {numbers[p.label]: short(p.name) for p in points if p.label in numbers}
    return ", ".join(f"{n} {named[n]}".replace(" ", "\u00a0") for n in sorted(named))


def name_points(
    figure: Figure, axes: Axes, points: Sequence[Point], labels: str = "all",
    numbers: Mapping[str, int] | None = None,
) -> None:  # fmt: skip
    """Names, or their ``numbers``, beside the points that ``labels`` names, the lit and those of
    the front first; what finds no place is left out rather than printed over another. Points
    without a name keep their room all the same."""
    numbers = numbers or {}
    wanted = _wanted(points, labels)
    order = sorted(wanted, key=lambda p: (p.label in numbers, not p.lit, not p.front, p.x))
    others = [p for p in points if p not in wanted]
    canvas: Any = FigureCanvasAgg(figure)
    canvas.draw()
    renderer = canvas.get_renderer()
    scale = figure.dpi / 72
    texts = [_text(axes, p, numbers.get(p.label)) for p in order]
    extents = [text.get_window_extent(renderer) for text in texts]
    pixels = [tuple(axes.transData.transform((p.x, p.y))) for p in order]
    lines = [*_lines(axes, points, scale), *_words(axes, renderer), *_discs(axes, others, scale)]
    window = axes.get_window_extent(renderer)
    spots = place(
        [(float(a), float(b)) for a, b in pixels],
        [(e.width, e.height * 0.9) for e in extents],
        [(p.size**0.5 * (0.71 if p.lit else 0.5) + 0.5) * scale for p in order],
        Box(window.x0, window.y0, window.x1, window.y1),
        lines,
    )
    tell_left_out(
        [p.label for p, spot in zip(order, spots, strict=True) if spot is None],
        "Drawn without a name, for want of room (--labels chooses which)",
    )
    for text, spot, pixel in zip(texts, spots, pixels, strict=True):
        _put(axes, text, spot, pixel)


def _text(axes: Axes, point: Point, number: int | None) -> Text:
    """The name of ``point``, or its number, not yet in its place."""
    shown = short(point.name) + point.mark if number is None else str(number)
    return axes.text(
        0, 0, shown, fontsize=6.5 if number is None else 5,
        fontweight="bold" if point.lit else "normal",
        color=INK if point.front or point.lit else SOFT, zorder=5, gid=NAME,
    )  # fmt: skip


def _put(axes: Axes, text: Text, spot: Spot | None, pixel: tuple[float, ...]) -> None:
    """Move ``text`` to its place, with a line from its point where that is far; take it away
    where there is none."""
    if spot is None:
        text.remove()
        return
    centre = ((spot.box.left + spot.box.right) / 2, (spot.box.bottom + spot.box.top) / 2)
    text.set_horizontalalignment("center")
    text.set_verticalalignment("center")
    middle = axes.transData.inverted().transform(centre)
    text.set_position((float(middle[0]), float(middle[1])))
    if spot.far:
        ends = axes.transData.inverted().transform([pixel, _edge(spot.box, pixel)])
        axes.plot(ends[:, 0], ends[:, 1], color=QUIET, linewidth=0.4, zorder=1.5)


def _best(points: Sequence[Point], most: int) -> list[Point]:
    """The ``most`` first of the table that are ranked."""
    return sorted((p for p in points if p.ranked), key=lambda p: p.place)[:most]


def _wanted(points: Sequence[Point], labels: str) -> list[Point]:
    """``all``, ``front``, ``top:N`` (the N highest up that are ranked) or names with commas;
    what is lit always. Raises UsageError for anything else."""
    if labels == "all":
        return list(points)
    if labels == "front":
        return [p for p in points if p.front or p.lit]
    if labels.startswith("top:"):
        if not labels[4:].isdigit():
            raise UsageError(f"--labels {labels}: say how many, as in top:5.")
        best = _best(points, int(labels[4:]))
        return [p for p in points if p in best or p.lit]
    named = {name.strip() for name in labels.split(",")}
    known = {name for p in points for name in (p.name, p.label)}
    for name in sorted(named - known):
        raise UsageError(
            f"--labels {name}: no such row; all, front, top:N or names{nearest(name, known)}"
        )
    return [p for p in points if {p.name, p.label} & named or p.lit]


def _discs(axes: Axes, points: Sequence[Point], scale: float) -> list[Box]:
    """The markers of points that have no name, as boxes in pixels."""
    boxes = []
    for p in points:
        x, y = (float(v) for v in axes.transData.transform((p.x, p.y)))
        reach = p.size**0.5 * 0.5 * scale
        boxes.append(Box(x - reach, y - reach, x + reach, y + reach))
    return boxes


def _words(axes: Axes, renderer: Any) -> list[Box]:
    """What is written inside the axes already: the key of the areas, the threshold's name."""
    drawn: list[Any] = [text for text in axes.texts if text.get_gid() != NAME]
    if axes.get_legend() is not None:
        drawn.append(axes.get_legend())
    extents = [artist.get_window_extent(renderer) for artist in drawn]
    return [Box(e.x0, e.y0, e.x1, e.y1) for e in extents]


def _lines(axes: Axes, points: Sequence[Point], half: float) -> list[Box]:
    """What is drawn as a line, as thin boxes in pixels: error bars and the steps of the front."""
    front = sorted((p for p in points if p.front), key=lambda p: p.x)
    pieces = [(p.error[0], p.y, p.error[1], p.y) for p in points if p.error]
    for a, b in pairwise(front):
        pieces += [(a.x, a.y, b.x, a.y), (b.x, a.y, b.x, b.y)]
    across = axes.get_xlim()
    thresholds = [line for line in axes.lines if line.get_gid() == THRESHOLD]
    pieces += [(across[0], y, across[1], y) for line in thresholds for y in [_height(line)]]
    boxes = []
    for x0, y0, x1, y1 in pieces:
        (left, bottom), (right, top) = axes.transData.transform([(x0, y0), (x1, y1)])
        boxes.append(Box(min(left, right) - half, min(bottom, top) - half,
                         max(left, right) + half, max(bottom, top) + half))  # fmt: skip
    return boxes


def _height(line: Line2D) -> float:
    return float(np.asarray(line.get_ydata(), dtype=float)[0])


def _edge(box: Box, point: tuple[float, ...]) -> tuple[float, float]:
    """The point of ``box`` nearest to ``point``."""
    return (
        min(max(point[0], box.left), box.right),
        min(max(point[1], box.bottom), box.top),
    )
