"""Words of others as they may be shown: control characters are written out, never sent.

A reason, a title or what a submission printed may hold escape codes that drive a terminal, marks
that turn the order of letters around, or half a character that no file takes.
"""

from __future__ import annotations

import unicodedata

_REORDER = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Marks of direction: what follows one is drawn somewhere else."""


def printable(text: str, *, keep: str = "") -> str:
    r"""``text`` with every control character as ``\x1b`` or ``\u202e``, those in ``keep`` apart."""
    if text.isprintable():
        return text
    return "".join(c if c in keep or not _is_control(c) else _written_out(c) for c in text)


def _is_control(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} or character in _REORDER


def _written_out(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
