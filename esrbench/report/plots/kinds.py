"""The figures that can be drawn: one row a kind."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

from matplotlib.figure import Figure

from esrbench.errors import UsageError, nearest
from esrbench.report.plots.bar import bar
from esrbench.report.plots.curve import curve
from esrbench.report.plots.heatmap import heatmap
from esrbench.report.plots.steps import steps
from esrbench.report.plots.trade_off import trade_off
from esrbench.results.record import RunRecord

KINDS: dict[str, Callable[..., Figure]] = {
    "pareto": trade_off,
    "bar": bar,
    "curve": curve,
    "heatmap": heatmap,
    "steps": steps,
}


def draw(kind: str, records: Sequence[RunRecord], **options: Any) -> Figure:
    """The figure ``kind`` of ``records``; options that are None or unknown to it are left out.

    Raises UsageError for an unknown kind, or as that kind does.
    """
    if kind not in KINDS:
        raise UsageError(f"There is no kind of plot {kind!r}{nearest(kind, KINDS)}")
    known = inspect.signature(KINDS[kind]).parameters
    chosen = {k: v for k, v in options.items() if v is not None and k in known}
    return KINDS[kind](records, **chosen)
