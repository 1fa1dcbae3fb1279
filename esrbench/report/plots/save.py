"""Write a figure in the format its file name asks for, whole or not at all."""

from __future__ import annotations

import io
from pathlib import Path

from matplotlib.figure import Figure

from esrbench.errors import UsageError, nearest
from esrbench.report.atomic import is_standard_output, write_bytes
from esrbench.report.plots.style import Style, paper

FORMATS = ("png", "svg", "pdf")
VECTOR = ("svg", "pdf")
"""What goes into a paper."""


def check_suffix(path: Path) -> str:
    """``png`` (also for ``-``), ``svg`` or ``pdf``; raises UsageError for any other suffix."""
    if is_standard_output(path):
        return "png"
    suffix = path.suffix.lower().removeprefix(".")
    if suffix not in FORMATS:
        raise UsageError(
            f"{path}: a plot is written as .png, .svg or .pdf{nearest(suffix, FORMATS)}"
        )
    return suffix


def save(figure: Figure, path: Path, style: Style = "sans") -> Path:
    """Write ``figure`` to ``path`` by its suffix; text stays text in SVG and PDF. ``style`` is
    what it was drawn in.

    The file holds no date, so that the same records give the same bytes. Raises UsageError for an
    unknown suffix, UnavailableError when the file cannot be written.
    """
    kind = check_suffix(path)
    undated = {"svg": {"Date": None}, "pdf": {"CreationDate": None}, "png": {"Software": None}}
    buffer = io.BytesIO()
    with paper(style):
        figure.savefig(buffer, format=kind, metadata=undated[kind])
    write_bytes(path, buffer.getvalue())
    return path
