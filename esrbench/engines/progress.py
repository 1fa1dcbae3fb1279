"""How far many submissions have come: one line a thing that happened, or a bar on a terminal."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

from esrbench.errors import UnavailableError

_SHOWN = 4


class Display:
    """Hears events and shows them on standard error; keeps them as JSON lines where asked to."""

    def __init__(self, events: Path | None = None) -> None:
        self.total = 0
        self._done = 0
        self._failed = 0
        self._began = time.monotonic()
        self._now: dict[str, str] = {}
        self._bar: Any = None
        self._file: TextIO | None = None
        if events is not None:
            try:
                self._file = events.open("a", encoding="utf-8")
            except OSError as why:
                raise UnavailableError(f"--events {events}: {why.strerror}.") from None

    def hear(self, event: dict[str, Any]) -> None:
        """One event of the engine."""
        if self._file is not None:
            moment = round(time.time(), 3)
            self._file.write(json.dumps({"time": moment, **event}) + "\n")
            self._file.flush()
        kind, worker = str(event.get("event")), str(event.get("worker", ""))
        label = str(event.get("label", ""))
        if kind == "started":
            self._now[worker] = label
        elif kind == "phase":
            self._now[worker] = str(event.get("text", label))
        elif kind in {"done", "half", "error", "claimed"}:
            self._now.pop(worker, None)
            self._over(kind, label, event)
        elif kind == "say":
            self._print(str(event.get("text")))
        elif kind == "waiting":
            self._print(f"{label}: {event['for']} is measuring it; it comes later.")
        elif kind == "worker died":
            self._print(f"{label}: it took its worker down ({event['how']}).")
        elif kind == "stopping":
            self._print("Ending what runs; once more ends it at once.")
        self._show()

    def _over(self, kind: str, label: str, event: dict[str, Any]) -> None:
        if kind == "half":
            self._print(f"{label}: measured but for its runtime")
            return
        if kind == "claimed":
            return
        self._done += 1
        self._failed += kind == "error"
        said = event.get("text") if kind == "error" else "done"
        if not event.get("skipped"):
            self._print(f"[{self._done}/{self.total}] {label}: {said}{self._left()}")

    def _left(self) -> str:
        """The time left, if the others take as long as those that are done."""
        left = (time.monotonic() - self._began) / self._done * (self.total - self._done)
        if self._done == self.total:
            return ""
        return f", about {left / 60:.0f} min left" if left > 90 else f", about {left:.0f} s left"

    def _show(self) -> None:
        if not sys.stderr.isatty():
            return
        from tqdm import tqdm

        if self._bar is None:
            self._bar = tqdm(total=self.total, unit="submission", leave=False)
        self._bar.n = self._done
        running = list(self._now.values())
        more = f" and {len(running) - _SHOWN} more" if len(running) > _SHOWN else ""
        self._bar.set_description(", ".join(running[:_SHOWN]) + more)

    def _print(self, text: str) -> None:
        if self._bar is not None:
            self._bar.clear()
        print(text, file=sys.stderr, flush=True)

    def __enter__(self) -> Display:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.close()
        if self._file is not None:
            self._file.close()
