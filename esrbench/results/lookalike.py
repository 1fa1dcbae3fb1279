"""Names that a reader may take for one another: by case, width, accents, or letters of another
script.

In the manner of Unicode's confusables (UTS 39): names are alike when their skeletons are equal. The
table below holds the letters of other scripts that are drawn as Latin ones; it is not all of
Unicode's, and need not be: names that look alike and are not told so are still rows of their own.
"""

from __future__ import annotations

import unicodedata

_DRAWN_ALIKE = {
    "a": "аɑα", "b": "вβ", "c": "сϲ", "d": "ԁ", "e": "еҽ", "g": "ɡ", "h": "һн", "j": "ј",
    "k": "кκ", "l": "i1|ӏіıι", "m": "м", "n": "ո", "o": "0оοօσ", "p": "рρ", "q": "ԛ", "s": "ѕ",
    "t": "тτ", "u": "υս", "v": "νѵ", "w": "ԝ", "x": "хχ", "y": "уүγ", "-": "_‐‑‒–—−",
}  # fmt: skip
_TO_LATIN = {ord(other): latin for latin, others in _DRAWN_ALIKE.items() for other in others}


def skeleton(name: str) -> str:
    """What is left of ``name`` when case, width, accents, script and unseen characters are not
    looked at; names with equal skeletons look alike."""
    text = unicodedata.normalize("NFKC", name).casefold()
    apart = unicodedata.normalize("NFD", text)
    seen = "".join(c for c in apart if unicodedata.category(c) not in {"Mn", "Cf", "Cc"})
    return " ".join(seen.translate(_TO_LATIN).split())


def plain(text: str) -> str:
    """``text`` with what a terminal or a page would act on, or not show, as ``\\xNN``."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
