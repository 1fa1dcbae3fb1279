"""What goes to a terminal: one JSON document on standard output, everything else beside it."""

from __future__ import annotations

import contextlib
import json
import math
import sys
from typing import Any

from esrbench.printable import printable


def say(text: str) -> None:
    """One line on standard error; without a word where nobody can hear it."""
    with contextlib.suppress(OSError, ValueError):
        print(printable(text, keep="\n\t"), file=sys.stderr, flush=True)


def print_json(document: object) -> None:
    """One JSON document on standard output; infinite values as the string "Infinity"."""
    print(json.dumps(_plain(document), indent=1, allow_nan=False))


def _plain(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    return value


class TerminalProgress:
    """A progress bar while a person watches; silent when standard error is no terminal."""

    def __init__(self) -> None:
        self._bar: Any = None

    def phase(self, text: str, total: int | None = None) -> None:
        """Start a bar of ``total`` steps, or one that only says what is going on."""
        from tqdm import tqdm

        self.end()
        form = None if total else "{desc} ... {elapsed}"
        self._bar = tqdm(
            total=total, desc=text, unit="image", leave=False, bar_format=form, disable=None
        )

    def step(self, text: str) -> None:
        """One image is done."""
        if self._bar is not None:
            self._bar.update()

    def end(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None
