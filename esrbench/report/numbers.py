"""Figures as text: in the column's unit, lined up, empty where there is none."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable

from markupsafe import Markup

from esrbench.leaderboard.columns import Column
from esrbench.printable import printable
from esrbench.report.words import shown

INFINITY = "∞"
_BREAKS = re.compile(r"(?<=[_/-])(?=\w)")


def fixed(value: float | None, decimals: int) -> str:
    """``value`` with so many decimals, thousands apart; "" for None, ``∞`` where infinite."""
    if value is None:
        return ""
    if math.isinf(value):
        return INFINITY if value > 0 else "−" + INFINITY
    text = f"{value:,.{decimals}f}"
    return "−" + text[1:] if text.startswith("-") else text


def in_unit(column: Column, value: float | None, decimals: int) -> str:
    """``value`` of ``column`` as its table shows it; nothing at all is a bare 0."""
    if column.kind == "score":
        return score_text(value, decimals)
    if value == 0 and column.kind == "cost":
        return "0"
    return fixed(None if value is None else value / column.divisor, decimals)


def significant(value: float | None, digits: int = 3) -> str:
    """``value`` with so many significant digits, never in exponent form."""
    if value is None:
        return ""
    if value == 0 or math.isinf(value):
        return fixed(value, 0)
    return fixed(value, max(0, digits - 1 - math.floor(math.log10(abs(value)))))


def with_prefix(value: float | None, unit: str = "") -> str:
    """``9.834 G``: four significant digits and a metric prefix."""
    if value is None:
        return ""
    for size, prefix in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "K")):
        if abs(value) >= size:
            return f"{significant(value / size, 4)} {prefix}{unit}"
    return f"{fixed(value, 0)} {unit}".strip()


def breakable(name: str) -> Markup:
    """``name`` escaped, with a place to break the line after each ``_``, ``-`` and ``/``."""
    return Markup("<wbr>").join(str(shown(part)) for part in _BREAKS.split(name))


def score_text(value: float | None, decimals: int = 3) -> str:
    """A score to four significant digits, from 10,000 as a power of ten: so far from the baseline
    it means little. ``decimals`` 0 is a sum of ranks, which is a whole number."""
    if value is None or math.isinf(value) or (decimals == 0 and abs(value) < 1e4):
        return fixed(value, 0)
    if abs(value) < 9999.5:
        return "0" if value == 0 else significant(value, 4)
    mantissa, exponent = f"{value:.3e}".split("e")
    raised = str(int(exponent)).translate(str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻"))
    return f"{mantissa}·10{raised}"


def js(value: float | None) -> str:
    """``value`` for JSON that JavaScript reads; an infinity overflows to itself there."""
    if value is None or math.isnan(value):
        return "null"
    if math.isinf(value):
        return "1e999" if value > 0 else "-1e999"
    return str(int(value)) if value == int(value) and abs(value) < 2**53 else repr(value)


def js_list(values: Iterable[float | None]) -> str:
    """A JSON array of numbers."""
    return "[" + ",".join(js(v) for v in values) + "]"


def script_json(value: object) -> str:
    """JSON that is safe inside a ``<script>`` element: no ``<``, ``>`` or ``&`` as such.

    Marks that turn letters around are text in its strings, as they are in the pages.
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else printable(c).replace("\\", "\\\\") for c in text)
