"""Where rows differ: each image's score against the mean of all rows on that image."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from esrbench.errors import UsageError
from esrbench.leaderboard.columns import Column
from esrbench.number_of import number_of
from esrbench.report.plots.axes import quality_axis
from esrbench.report.plots.points import largest_group, names_of, short
from esrbench.report.plots.style import INCHES, INK, Style, Width, paper
from esrbench.report.plots.trade_off import name_table
from esrbench.results.record import RunRecord

_MOST_NAMES = 40
_WIDE_ENOUGH = 0.42
"""Inches an image's column must have for figures in its cells."""

Array = npt.NDArray[np.float64]


def heatmap(
    records: Sequence[RunRecord],
    *,
    y: str = "psnr",
    dataset: str | None = None,
    width: Width = "double",
    title: str | None = None,
    style: Style = "sans",
) -> Figure:
    """``y`` of each row (down, the best on top) on each image (across), less the image's mean over
    the rows.

    A missing score leaves its cell empty. Raises UsageError for unknown words, or when no row has
    image by image scores.
    """
    rows = largest_group(records)
    column = quality_axis(y, dataset, rows).column
    chosen, _, metric = column.key.rpartition(".")
    rows = [r for r in rows if r.images.get(chosen)]
    names = sorted({score.name for r in rows for score in r.images[chosen]})
    values = _values(rows, names, chosen, metric)
    counted = np.isfinite(values).sum(axis=0)
    means = np.where(counted > 0, np.nansum(values, axis=0) / np.maximum(counted, 1), np.nan)
    differences = values - means
    if not np.isfinite(differences).any():
        raise UsageError(f"No record has {column.heading} image by image on {chosen!r}.")
    lower = column.direction == "lower"
    titles = names_of(rows)
    order = sorted(range(len(rows)), key=lambda i: _worst_first(differences[i], lower))[::-1]
    rows, differences = [rows[i] for i in order], differences[order]
    with paper(style):
        figure = Figure(figsize=(INCHES[width], 1.3 + 0.17 * len(rows)), layout="constrained")
        axes = figure.add_subplot()
        _draw(figure, axes, differences, column)
        axes.set_yticks(range(len(rows)), [short(titles[r.id]) for r in rows], fontsize=6.5)
        if len(names) <= _MOST_NAMES:
            axes.set_xticks(range(len(names)), names, rotation=90, fontsize=5.5)
        else:
            axes.set_xlabel(f"the {number_of(len(names), 'image')} of {chosen}, by name")
        if INCHES[width] / len(names) > _WIDE_ENOUGH:
            _print_figures(axes, differences, column.quantity.digits)
        name_table(figure, rows, title)
    return figure


def _values(rows: Sequence[RunRecord], names: Sequence[str], dataset: str, metric: str) -> Array:
    """Rows by images; NaN where there is no finite score."""
    place = {name: i for i, name in enumerate(names)}
    values: Array = np.full((len(rows), len(names)), np.nan)
    for i, record in enumerate(rows):
        for score in record.images[dataset]:
            value = score.values.get(metric)
            if value is not None and np.isfinite(value):
                values[i, place[score.name]] = value
    return values


def _worst_first(differences: Array, lower: bool) -> float:
    """What orders the rows: the mean difference, the worst first."""
    known = differences[np.isfinite(differences)]
    return (-1 if lower else 1) * float(known.mean()) if known.size else -np.inf


def _draw(figure: Figure, axes: Axes, differences: Array, column: Column) -> None:
    """The cells and the scale: purple is better than the mean, orange worse, white the mean itself,
    told apart by every eye; a few extreme cells do not wash out the others."""
    sizes = np.abs(differences[np.isfinite(differences)])
    reach = float(np.quantile(sizes, 0.98)) or float(sizes.max()) or 1.0
    purple_is_high = column.direction != "lower"
    drawn = axes.imshow(differences, cmap="PuOr" if purple_is_high else "PuOr_r", vmin=-reach,
                        vmax=reach, aspect="auto", interpolation="nearest")  # fmt: skip
    axes.grid(visible=False)
    unit = f" [{column.unit}]" if column.unit else ""
    bar = figure.colorbar(drawn, ax=axes, pad=0.01, fraction=0.03,
                          extend="both" if sizes.max() > reach else "neither")  # fmt: skip
    bar.set_label(f"{column.heading} less the image's mean{unit}", fontsize=6.5)


def _print_figures(axes: Axes, differences: Array, digits: int) -> None:
    """The differences in their cells, where there is room."""
    (image,) = axes.images
    for (i, j), value in np.ndenumerate(differences):
        if np.isfinite(value):
            red, green, blue, _ = image.cmap(image.norm(value))
            dark = 0.299 * red + 0.587 * green + 0.114 * blue < 0.5
            axes.text(j, i, f"{value:+.{digits}f}".replace("-", "−"), ha="center", va="center",
                      fontsize=5, color="white" if dark else INK)  # fmt: skip
