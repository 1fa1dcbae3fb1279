"""Where rows differ: each image's score against the mean of all rows on that image."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from esrbench.errors import UsageError
from esrbench.report.figures.axes import quality_axis
from esrbench.report.figures.points import largest_group, short
from esrbench.report.figures.style import INCHES, Width, paper
from esrbench.report.figures.trade_off import name_table
from esrbench.results.record import RunRecord

_MOST_NAMES = 40


def heatmap(
    records: Sequence[RunRecord],
    *,
    y: str = "psnr",
    dataset: str | None = None,
    width: Width = "double",
    title: str | None = None,
) -> Figure:
    """``y`` of each row (down) on each image (across), less the image's mean over the rows.

    A missing score leaves its cell empty. Raises UsageError for unknown words, or when no row has
    image by image scores.
    """
    rows = largest_group(records)
    column = quality_axis(y, dataset, rows).column
    chosen, _, metric = column.key.rpartition(".")
    rows = [r for r in rows if r.images.get(chosen)]
    if not rows:
        raise UsageError(f"No record has {column.heading} image by image on {chosen!r}.")
    names = sorted({score.name for r in rows for score in r.images[chosen]})
    values = np.full((len(rows), len(names)), np.nan)
    for i, record in enumerate(rows):
        for score in record.images[chosen]:
            value = score.values.get(metric)
            if value is not None and np.isfinite(value):
                values[i, names.index(score.name)] = value
    counted = np.isfinite(values).sum(axis=0)
    means = np.where(counted > 0, np.nansum(values, axis=0) / np.maximum(counted, 1), np.nan)
    differences = values - means
    if not np.isfinite(differences).any():
        raise UsageError(f"No record has {column.heading} image by image on {chosen!r}.")
    reach = float(np.nanmax(np.abs(differences))) or 1.0
    with paper():
        figure = Figure(figsize=(INCHES[width], 1.3 + 0.17 * len(rows)), layout="constrained")
        axes = figure.add_subplot()
        colours = "PuOr" if column.direction == "higher" else "PuOr_r"
        drawn = axes.imshow(differences, cmap=colours, vmin=-reach, vmax=reach, aspect="auto",
                            interpolation="nearest")  # fmt: skip
        axes.grid(visible=False)
        axes.set_yticks(range(len(rows)), [short(r.label) for r in rows], fontsize=6.5)
        if len(names) <= _MOST_NAMES:
            axes.set_xticks(range(len(names)), names, rotation=90, fontsize=5.5)
        else:
            axes.set_xlabel(f"the {len(names)} images of {chosen}, by name")
        unit = f" [{column.unit}]" if column.unit else ""
        figure.colorbar(drawn, ax=axes, pad=0.01, fraction=0.03).set_label(
            f"{column.heading} less the image's mean{unit}", fontsize=6.5
        )
        name_table(axes, rows, title, None)
    return figure
