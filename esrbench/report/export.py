"""The leaderboard for other programs and for papers: one file a format, one row to register it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from esrbench.errors import UsageError, nearest
from esrbench.leaderboard.table import Table, build_tables, only_rows
from esrbench.report.formats.bibtex import to_bibtex
from esrbench.report.formats.csv_text import to_csv
from esrbench.report.formats.json_text import to_json
from esrbench.report.formats.latex import to_latex
from esrbench.report.formats.markdown import to_markdown
from esrbench.report.formats.model_index import to_model_index
from esrbench.report.formats.parquet import to_parquet
from esrbench.results.record import RunRecord

FORMATS: dict[str, Callable[[Sequence[Table]], str]] = {
    "csv": to_csv,
    "json": to_json,
    "markdown": to_markdown,
    "latex": to_latex,
    "model-index": to_model_index,
    "bibtex": to_bibtex,
}
"""Those that are text."""

BINARY: dict[str, Callable[[Sequence[Table]], bytes]] = {"parquet": to_parquet}
"""Those that are not, and so need a file."""


def export(
    records: Sequence[RunRecord],
    format: str,
    allowed: Collection[str] = (),
    only: Sequence[str] = (),
) -> str:
    """``records`` as ``csv``, ``json``, ``markdown``, ``latex``, ``bibtex`` or ``model-index`` (a
    Hugging Face model card's YAML block).

    csv and json hold unrounded values in the records' own units, with everything that is needed to
    tell tables apart; markdown and latex one table a group of comparable rows, rounded as the site
    shows them, with the units in the header. ``allowed`` are flags that take no row out of the
    ranking, ``only`` the names of the rows that are wanted (() for all). Raises UsageError for an
    unknown format or name, and for a format that is no text.
    """
    if format in BINARY:
        raise UsageError(f"{format} is no text to print: write it to a file with --out, or to -.")
    if format not in FORMATS:
        raise UsageError(
            f"There is no export format {format!r}{nearest(format, [*FORMATS, *BINARY])}"
        )
    return FORMATS[format](_tables(records, allowed, only))


def export_bytes(
    records: Sequence[RunRecord],
    format: str,
    allowed: Collection[str] = (),
    only: Sequence[str] = (),
) -> bytes:
    """What a file in ``format`` holds: as :func:`export` in UTF-8, and ``parquet``.

    Raises UsageError for an unknown format, or for parquet where pyarrow is not installed.
    """
    if format in BINARY:
        return BINARY[format](_tables(records, allowed, only))
    return export(records, format, allowed, only).encode("utf-8")


def _tables(
    records: Sequence[RunRecord], allowed: Collection[str], only: Sequence[str]
) -> list[Table]:
    tables = build_tables(records, allowed)
    return only_rows(tables, only) if only else tables
