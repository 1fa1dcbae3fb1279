"""What a stranger said, made safe to print: one short line without control characters."""

from __future__ import annotations

import unicodedata

LONGEST = 400
"""Characters of a reason; more is no longer a sentence."""
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
"""Control, format (direction marks among them), surrogate, private, unassigned, line separators."""


def plain(text: str, longest: int = LONGEST) -> str:
    """``text`` in one line of at most ``longest`` characters, ``\\x1b`` written as four of them.

    White space becomes single spaces; whatever a terminal or a page would act on instead of showing
    it is written as its escape.
    """
    cut = text[: 4 * longest]
    words = " ".join(cut.split())
    shown = "".join(_escaped(c) if unicodedata.category(c) in _UNSEEN else c for c in words)
    if len(shown) > longest or len(text) > len(cut):
        return shown[: longest - 1] + "…"
    return shown


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
