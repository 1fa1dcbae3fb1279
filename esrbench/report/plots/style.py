"""How the printed figures look: widths of a two-column paper, real text, safe for every eye."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

import matplotlib
from matplotlib.font_manager import get_font_names
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from esrbench.report.numbers import significant

if TYPE_CHECKING:
    from matplotlib.axes import Axes

matplotlib.use("Agg", force=False)

Width = Literal["single", "double"]
Style = Literal["sans", "serif", "latex"]
"""Which letters: of a screen, of Times, or LaTeX's own Computer Modern."""

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


_FONTS: dict[Style, tuple[str, ...]] = {
    "sans": ("Inter", "Helvetica", "Arial", "Liberation Sans", "DejaVu Sans"),
    "serif": ("Times New Roman", "Times", "Nimbus Roman", "Liberation Serif", "STIXGeneral",
              "DejaVu Serif"),
    "latex": ("Latin Modern Roman", "CMU Serif", "cmr10", "STIXGeneral", "DejaVu Serif"),
}  # fmt: skip
"""Those that are installed are taken, in this order; what the first lacks the next draws. The last
of each comes with matplotlib."""
_HAN = ("Noto Sans CJK SC", "Noto Sans CJK JP", "Source Han Sans SC", "WenQuanYi Zen Hei",
        "PingFang SC", "Hiragino Sans", "Microsoft YaHei", "SimHei")  # fmt: skip
"""Behind them: titles are not all in Latin letters."""


def size_of(width: Width) -> tuple[float, float]:
    """Width and height in inches."""
    across = INCHES[width]
    return (across, across * (0.78 if width == "single" else 0.55))


@contextmanager
def paper(style: Style = "sans") -> Iterator[None]:
    """The settings every figure is drawn under."""
    installed = set(get_font_names())
    settings: Any = {
        "font.family": [name for name in (*_FONTS[style], *_HAN) if name in installed],
        "axes.unicode_minus": style != "latex",  # cmr10 has no minus sign but the hyphen
        "axes.formatter.use_mathtext": False,
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
    with matplotlib.rc_context(settings), warnings.catch_warnings(), _no_word_of_weights():
        # It would have formulas for figures; names and titles here are plain text.
        warnings.filterwarnings("ignore", message="cmr10 font should")
        yield


@contextmanager
def _no_word_of_weights() -> Iterator[None]:
    """matplotlib logs that cmr10 has no bold letters, and then draws another font's: nothing that
    whoever asked for a plot can act on."""
    log = logging.getLogger("matplotlib.font_manager")
    log.addFilter(_other_than_weights)
    try:
        yield
    finally:
        log.removeFilter(_other_than_weights)


def _other_than_weights(said: logging.LogRecord) -> bool:
    return "font weight" not in said.getMessage()


class _PlainTicks(LogLocator):
    """As many as there is room for: over three decades, labels of 2 and 5 lie over each other."""

    def tick_values(self, vmin: float, vmax: float) -> Any:
        few = max(vmin, vmax) <= 1e3 * min(vmin, vmax)
        self.set_params(subs=(1, 2, 5) if few else (1,))
        return super().tick_values(vmin, vmax)


def plain_log(axes: Axes, which: Literal["x", "y"]) -> None:
    """A log axis whose ticks are 1, 2, 5, 10, ... in plain figures; 1, 10, ... of a long one."""
    (axes.set_xscale if which == "x" else axes.set_yscale)("log")
    axis = axes.xaxis if which == "x" else axes.yaxis
    axis.set_major_locator(_PlainTicks())
    axis.set_major_formatter(FuncFormatter(lambda value, _: significant(value, 1)))
    axis.set_minor_formatter(NullFormatter())
