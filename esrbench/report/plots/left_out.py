"""Telling what a figure does not show: rows without a value, names without room."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable
from warnings import WarningMessage

_NAMED = 6
_GLYPH = re.compile(r"Glyph (\d+) .* missing from")
"""Matplotlib's warning, one a character and label."""


class LeftOut(UserWarning):
    """A figure lacks something that a reader may expect; the text says what and why."""


def tell_left_out(names: Iterable[str], what: str) -> None:
    """Warn that ``names`` lack something: ``left out, for want of room: a, b and 3 more``."""
    found = list(names)
    if found:
        more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
        text = f"{what}: {', '.join(found[:_NAMED])}{more}"
        warnings.warn(text, LeftOut, stacklevel=3)


def left_out(told: Iterable[WarningMessage]) -> list[str]:
    """What was warned of while a figure was drawn and saved, for a person: each thing once.

    What the fonts of this machine cannot draw is one sentence, however many characters it is; what
    libraries warn programmers of is left out.
    """
    sentences: dict[str, None] = {}
    missing: dict[str, None] = {}
    for one in told:
        glyph = _GLYPH.match(str(one.message))
        if glyph:
            missing[chr(int(glyph[1]))] = None
        elif issubclass(one.category, LeftOut):
            sentences[str(one.message)] = None
    if missing:
        sentences[
            f"Drawn as boxes, as no font here has them: {''.join(missing)}; install one that does, "
            "such as Noto Sans CJK for Chinese, Japanese and Korean"
        ] = None
    return list(sentences)
