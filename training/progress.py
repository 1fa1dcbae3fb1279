"""What a person sees of a run: a bar on a terminal, a line an epoch in a file."""

from __future__ import annotations

import sys
import time

from tqdm import tqdm


class Progress:
    """Iterations done of ``total``, on standard error."""

    def __init__(self, done: int, total: int) -> None:
        self._start, self._total = done, total
        self._began = time.monotonic()
        self._done = done
        self._on_terminal = sys.stderr.isatty()
        self._bar = tqdm(
            total=total, initial=done, unit="it", dynamic_ncols=True, disable=not self._on_terminal
        )

    def step(self) -> None:
        """One more iteration is done."""
        self._done += 1
        self._bar.update()

    def epoch(self, words: str) -> None:
        """An epoch is over; ``words`` say how it went."""
        if self._on_terminal:
            self._bar.set_postfix_str(words)
            return
        spent = time.monotonic() - self._began
        left = spent / max(1, self._done - self._start) * (self._total - self._done)
        about = f", about {_duration(left)} left" if left else ""
        print(f"{self._done:,} of {self._total:,}: {words}{about}", file=sys.stderr, flush=True)

    def close(self) -> None:
        """Leave the bar as it stands."""
        self._bar.close()


def _duration(seconds: float) -> str:
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{max(1, minutes)} min"
    return f"{minutes // 60} h {minutes % 60:02d} min"
