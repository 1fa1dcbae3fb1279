"""Comma-separated values."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence

from esrbench.leaderboard.table import Table
from esrbench.printable import printable
from esrbench.report.formats.plain import plain_rows


def to_csv(tables: Sequence[Table]) -> str:
    """One line a row; empty where a figure is missing."""
    rows = plain_rows(tables)
    buffer = io.StringIO()
    names = list(dict.fromkeys(_guarded(name) for row in rows for name in row))
    writer = csv.DictWriter(buffer, names, lineterminator="\n", restval="")
    writer.writeheader()
    writer.writerows({_guarded(k): _guarded(v) for k, v in row.items()} for row in rows)
    return buffer.getvalue()


_FORMULA = re.compile(r"^[\s'\"]*[=+@\t\r-]|[\r\n]")
"""What a spreadsheet may take for a formula: also behind blanks, and after a line break."""


def _guarded(value: object) -> object:
    """Text a spreadsheet would run as a formula starts with an apostrophe instead."""
    if not isinstance(value, str) or value == "-Infinity":
        return value
    text = printable(value)
    return "'" + text if _FORMULA.search(value) else text
