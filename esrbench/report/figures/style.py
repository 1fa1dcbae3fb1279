"""How the printed figures look: widths of a two-column paper, real text, safe for every eye."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Literal, cast

import matplotlib
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

if TYPE_CHECKING:
    from matplotlib.axes import Axes

matplotlib.use("Agg", force=False)

Width = Literal["single", "double"]

INCHES: dict[str, float] = {"single": 3.25, "double": 6.875}
"""The column and the page of CVPR's style, in inches."""

PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#555555")
"""Okabe and Ito's colours, told apart by colour-blind readers; black is kept for text."""

MARKERS = ("o", "s", "D", "^", "v", "P", "X")
"""Beside the colours, so that a print in grey tells the same."""

QUIET = "#8a8f98"
SOFT = "#5a5f68"
INK = "#1b1d21"
GRID = "#e4e4e0"


def size_of(width: Width) -> tuple[float, float]:
    """Width and height in inches."""
    across = INCHES[width]
    return (across, across * (0.78 if width == "single" else 0.55))


def paper() -> AbstractContextManager[None]:
    """The settings every figure is drawn under."""
    settings: Any = {
        "font.family": "sans-serif",
        "font.sans-serif": ["Inter", "Helvetica", "Arial", "Liberation Sans", "DejaVu Sans"],
        "text.parse_math": False,  # a name or a title with $ is text
        "font.size": 8,
        "axes.labelsize": 8,
        "axes.titlesize": 8.5,
        "xtick.labelsize": 7,
        "ytick.labelsize": 7,
        "legend.fontsize": 7,
        "axes.linewidth": 0.6,
        "axes.edgecolor": INK,
        "axes.labelcolor": INK,
        "text.color": INK,
        "xtick.color": INK,
        "ytick.color": INK,
        "xtick.major.width": 0.6,
        "ytick.major.width": 0.6,
        "xtick.minor.width": 0.4,
        "xtick.major.size": 3,
        "ytick.major.size": 3,
        "xtick.minor.size": 1.8,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "grid.color": GRID,
        "grid.linewidth": 0.5,
        "axes.axisbelow": True,
        "legend.frameon": False,
        "lines.linewidth": 1.0,
        "svg.fonttype": "none",
        "pdf.fonttype": 42,
        "ps.fonttype": 42,
        "svg.hashsalt": "esrbench",
        "figure.dpi": 150,
        "savefig.dpi": 300,
    }
    return cast(AbstractContextManager[None], matplotlib.rc_context(settings))


def plain_log(axes: Axes, which: Literal["x", "y"]) -> None:
    """A log axis whose ticks are 1, 2, 5, 10, ... in plain figures."""
    (axes.set_xscale if which == "x" else axes.set_yscale)("log")
    axis = axes.xaxis if which == "x" else axes.yaxis
    axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_formatter(NullFormatter())
