"""Records that are kept: read, laid out as a table, drawn."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from esrbench.errors import EsrbenchError, UsageError
from esrbench.results.record import RunRecord

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

__all__ = ["EsrbenchError", "load_results", "plot", "table"]


def load_results(path: str | Path) -> list[RunRecord]:
    """The newest record of every run below a results folder, as the leaderboard shows them.

    Args:
        path: A results folder; records in its sub-folders, one a machine say, count as well.

    Returns:
        Records, oldest runs replaced by newer ones of the same content; files that are no
        records, or damaged, are left out (``esrbench results verify`` names them).

    Raises:
        UsageError: There is no such folder.

    Example:
        >>> load_results("no/such/folder")
        Traceback (most recent call last):
        esrbench.errors.UsageError: There is no results folder no/such/folder.
    """
    from esrbench.results.store import ResultsStore

    folder = Path(path)
    if not folder.is_dir():
        raise UsageError(f"There is no results folder {folder}.")
    return list(ResultsStore(folder).latest())


def table(records: Sequence[RunRecord]) -> pd.DataFrame:
    """The leaderboard as one DataFrame: a row a record, ranked within what may be compared.

    Args:
        records: As :func:`load_results` or :func:`score` give them.

    Returns:
        Columns ``protocol``, ``scale``, ``device``, ``precision``, ``rank`` (NA where a row is not
        ranked, with the reason under ``apart``), then every figure under its key, unrounded and in
        the records' units (params and MACs in ones, runtime in ms, memory in bytes, PSNR in dB).

    Example:
        >>> table([]).empty
        True
    """
    from esrbench.leaderboard.table import build_table

    return build_table(list(records))


def plot(records: Sequence[RunRecord], x: str = "runtime", y: str = "psnr") -> Figure:
    """Quality against cost with the Pareto front: the figure ``esrbench plot`` draws.

    Args:
        records: Of several tables that may not be compared, the largest is drawn.
        x: ``runtime``, ``macs`` (or ``flops``), ``params``, ``activations``, ``memory``,
            ``energy``.
        y: ``psnr``, ``ssim``, ``lpips``, or a key of :data:`METRICS`.

    Returns:
        A matplotlib figure; ``figure.savefig("a.pdf")``, or shown by a notebook.

    Raises:
        UsageError: An unknown word, or no record has both figures.

    Example:
        >>> plot(load_results("reports/results"), x="macs").savefig("a.pdf")  # doctest: +SKIP
    """
    from esrbench.report.plots.kinds import draw

    return draw("pareto", list(records), x=x, y=y)
