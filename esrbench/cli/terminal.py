"""What goes to a terminal: one JSON document on standard output, everything else beside it."""

from __future__ import annotations

import contextlib
import json
import math
import sys
import threading
import time
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


_MINUTE = 60.0


class TerminalProgress:
    """While a person watches, a bar with a clock that moves; without a terminal one line a phase
    and one a minute where ``lines`` is set, else nothing."""

    def __init__(self, *, lines: bool = False) -> None:
        self._bar: Any = None
        self._lines = lines and not _watched()
        self._over = threading.Event()

    def phase(self, text: str, total: int | None = None) -> None:
        """Start a bar of ``total`` steps, or one that only says what is going on."""
        from tqdm import tqdm

        self.end()
        if self._lines:
            say(text)
        self._text, self._last, self._began = text, "", time.monotonic()
        if self._lines or _watched():
            self._over = threading.Event()
            every = 1.0 if _watched() else _MINUTE
            threading.Thread(target=self._tick, args=(self._over, every), daemon=True).start()
        form = None if total else "{desc} ... {elapsed}{postfix}"
        self._bar = tqdm(
            total=total, desc=text, unit="image", leave=False, bar_format=form, disable=None
        )

    def step(self, text: str) -> None:
        """One image or pair of blocks is done; ``text`` says which, or how far that is."""
        self._last = text
        if self._bar is None:
            return
        if self._bar.total:
            self._bar.update()
        else:
            self._bar.set_postfix_str(text)

    def end(self) -> None:
        """Take the bar away."""
        self._over.set()
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def _tick(self, over: threading.Event, every: float) -> None:
        """Let the clock move until the phase is over."""
        while not over.wait(every):
            bar = self._bar
            if self._lines:
                minutes = (time.monotonic() - self._began) / _MINUTE
                far = f", {self._last}" if self._last else ""
                say(f"{self._text}: {minutes:.0f} min{far}")
            elif bar is not None:
                bar.refresh()


def _watched() -> bool:
    try:
        return sys.stderr.isatty()
    except (AttributeError, ValueError):
        return False
