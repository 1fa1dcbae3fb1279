"""Ctrl-C and ``kill``: a run ends between two iterations, with its state on disk."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)
"""A person's Ctrl-C, and what job schedulers send before they kill."""


@dataclass
class StopRequest:
    """Whether someone wants the run to end."""

    asked: bool = False


@contextmanager
def stop_on_signal() -> Iterator[StopRequest]:
    """Within it the first of :data:`SIGNALS` is only noted; a second one acts as it did before.

    An exception raised wherever the signal happens to arrive could leave weights that were updated
    beside a mean that was not. Outside the main thread, which alone hears signals, nothing is
    noted.
    """
    request = StopRequest()
    if threading.current_thread() is not threading.main_thread():
        yield request
        return
    before = {number: signal.getsignal(number) for number in SIGNALS}

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    def note(number: int, frame: FrameType | None) -> None:
        request.asked = True
        restore()

    for number in SIGNALS:
        signal.signal(number, note)
    try:
        yield request
    finally:
        restore()
