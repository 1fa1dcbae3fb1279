"""Comma-separated values."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from esrbench.report.formats.plain import plain_rows
from esrbench.results.record import RunRecord


def to_csv(records: Sequence[RunRecord]) -> str:
    """One line a row; empty where a figure is missing."""
    rows = plain_rows(records)
    buffer = io.StringIO()
    names = list(dict.fromkeys(name for row in rows for name in row))
    writer = csv.DictWriter(buffer, names, lineterminator="\n", restval="")
    writer.writeheader()
    writer.writerows(
        {k: _guarded(v) for k, v in row.items()} for row in rows
    )  # fmt: skip
    return buffer.getvalue()


def _guarded(value: object) -> object:
    """Text a spreadsheet would run as a formula starts with an apostrophe instead."""
    if isinstance(value, str) and value[:1] in {"=", "+", "-", "@", "\t"} and value != "-Infinity":
        return "'" + value
    return value
