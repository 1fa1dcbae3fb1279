"""What a person sees of a run: a bar on a terminal; in a file a line at the start, each minute and
each epoch."""

from __future__ import annotations

import sys
import time

from tqdm import tqdm

SPOKEN_SECONDS = 60.0
"""Without a terminal, no longer silence than this (and one iteration)."""


class Progress:
    """Iterations done of ``total``, on standard error."""

    def __init__(self, done: int, total: int, spoken_seconds: float = SPOKEN_SECONDS) -> None:
        self._start, self._total = done, total
        self._spoken_seconds = spoken_seconds
        self._began = self._spoken = time.monotonic()
        self._done = self._done_then = done
        self._on_terminal = sys.stderr.isatty()
        self._bar = tqdm(
            total=total, initial=done, unit="it", dynamic_ncols=True, disable=not self._on_terminal
        )
        if not self._on_terminal:
            print(f"{done:,} of {total:,} iterations: begun", file=sys.stderr, flush=True)

    def step(self) -> None:
        """One more iteration is done."""
        self._done += 1
        self._bar.update()
        silent = not self._on_terminal and self._done < self._total
        if silent and time.monotonic() - self._spoken >= self._spoken_seconds:
            self._say("")

    def epoch(self, words: str) -> None:
        """An epoch is over; ``words`` say how it went."""
        if self._on_terminal:
            self._bar.set_postfix_str(words)
        else:
            self._say(f"{words}, ")

    def close(self) -> None:
        """Leave the bar as it stands."""
        self._bar.close()

    def _say(self, words: str) -> None:
        """A line: iterations done, ``words``, their rate since the last line, the time left."""
        now = time.monotonic()
        rate = (self._done - self._done_then) / max(now - self._spoken, 1e-9)
        left = (now - self._began) / max(1, self._done - self._start) * (self._total - self._done)
        about = f", about {_duration(left)} left" if left else ""
        line = f"{self._done:,} of {self._total:,}: {words}{_rate(rate)}{about}"
        print(line, file=sys.stderr, flush=True)
        self._spoken, self._done_then = now, self._done


def _rate(per_second: float) -> str:
    """Iterations a second, or seconds an iteration where that is the larger number."""
    if per_second >= 1 or not per_second:
        return f"{per_second:.2f} it/s"
    return f"{1 / per_second:.2f} s/it"


def _duration(seconds: float) -> str:
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{max(1, minutes)} min"
    return f"{minutes // 60} h {minutes % 60:02d} min"
