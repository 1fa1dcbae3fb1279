"""Telling what a figure does not show: rows without a value, names without room."""

from __future__ import annotations

import warnings
from collections.abc import Iterable

_NAMED = 6


class LeftOut(UserWarning):
    """A figure lacks something that a reader may expect; the text says what and why."""


def tell_left_out(names: Iterable[str], what: str) -> None:
    """Warn that ``names`` lack something: ``left out, for want of room: a, b and 3 more``."""
    found = list(names)
    if found:
        more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
        text = f"{what}: {', '.join(found[:_NAMED])}{more}"
        warnings.warn(text, LeftOut, stacklevel=3)
