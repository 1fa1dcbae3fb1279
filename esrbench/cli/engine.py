"""From what is typed to the engine that measures many submissions."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from esrbench.errors import UsageError

if TYPE_CHECKING:
    from esrbench.engines.run import Engines


def local_engine(jobs: str, threads: int) -> Engines:
    """As many workers on this machine as ``jobs`` says; raises UsageError for no number."""
    from esrbench.engines.local import LocalEngine

    return partial(LocalEngine, workers=_workers(jobs, threads))


def _workers(text: str, threads: int) -> int:
    """The number of workers; ``auto`` for as many as have ``threads`` cores each."""
    from esrbench.timing.threads import thread_count, usable_cores

    if text == "auto":
        return max(1, len(usable_cores()) // thread_count(threads))
    if not text.isdigit() or not 1 <= int(text) <= 1024:
        raise UsageError(f"--jobs {text}: give a number from 1 on, or auto.")
    return int(text)
