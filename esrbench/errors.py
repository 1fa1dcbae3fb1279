"""The errors a person can meet, each with the exit code it ends a command with.

Every message is one sentence or two that say what is wrong, with what, and what to do about it.
Anything raised that is not an :class:`EsrbenchError` is a defect of esrbench itself.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import ClassVar


class EsrbenchError(Exception):
    """Something a person can cure; its text is shown without a traceback."""

    exit_code: ClassVar[int] = 2


class UsageError(EsrbenchError):
    """The command, a path or a file given to it is wrong (exit code 2)."""

    exit_code: ClassVar[int] = 2


class SubmissionError(EsrbenchError):
    """The submission breaks the interface or failed while it ran (exit code 1)."""

    exit_code: ClassVar[int] = 1


class UnavailableError(EsrbenchError):
    """This machine or its data cannot do what was asked (exit code 3)."""

    exit_code: ClassVar[int] = 3


def nearest(word: str, known: Iterable[str]) -> str:
    """``; did you mean 'x'?`` for the closest known word, or the known words if none is close."""
    options = sorted(known)
    close = difflib.get_close_matches(word, options, n=1, cutoff=0.5)
    if close:
        return f"; did you mean {close[0]!r}?"
    return f"; known: {', '.join(options)}" if options else ""
