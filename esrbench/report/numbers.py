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
    if not text.startswith("-"):
        return text
    return "−" + text[1:] if text.strip("-0.") else text[1:]


def in_unit(column: Column, value: float | None, decimals: int) -> str:
    """``value`` of ``column`` as its table shows it."""
    if column.kind == "score":
        return score_text(value, decimals)
    shown = None if value is None else value / column.divisor
    return spent(shown, decimals) if column.kind == "cost" else fixed(shown, decimals)


def spent(value: float | None, decimals: int) -> str:
    """A cost with so many decimals; two significant digits where they leave less, for it is not 0
    and may be the least of all. Nothing at all is a bare 0."""
    if value is None or abs(value) >= 10 ** (1 - decimals):
        return fixed(value, decimals)
    return significant(value, 2)


def alone(column: Column, value: float | None) -> str:
    """``value`` of ``column`` where no other figure of it stands beside."""
    return in_unit(column, value, column.decimals([value]))


def significant(value: float | None, digits: int = 3) -> str:
    """``value`` with so many significant digits, never in exponent form."""
    if value is None:
        return ""
    if value == 0 or math.isinf(value):
        return fixed(value, 0)
    rounded = float(f"{value:.{digits - 1}e}")  # 9.9996 is 10.00
    return fixed(rounded, max(0, digits - 1 - math.floor(math.log10(abs(rounded)))))


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
