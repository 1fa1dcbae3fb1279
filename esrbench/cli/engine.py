"""From what is typed to the engine that measures many submissions."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from esrbench.errors import UsageError

if TYPE_CHECKING:
    from esrbench.engines.run import Engines


@dataclass(frozen=True)
class OnCluster:
    """What is asked of Ray."""

    address: str | None = None
    ship_data: bool = False
    allow_mixed: bool = False
    wait_for_nodes: float = 600.0


def engine(name: str | None, jobs: str | None, threads: int, cluster: OnCluster) -> Engines:
    """The engine called ``name`` (local or ray) with as many workers as ``jobs`` says.

    Raises UsageError for another name, no number, or what only Ray knows what to do with.
    """
    if name == "ray":
        from esrbench.engines.cluster.engine import RayEngine

        return partial(
            RayEngine,
            address=cluster.address or "auto",
            workers=None if jobs in (None, "auto") else _workers(jobs or "", threads),
            ship_data=cluster.ship_data,
            allow_mixed=cluster.allow_mixed,
            wait_for_nodes=cluster.wait_for_nodes,
        )
    if name not in (None, "local"):
        raise UsageError(f"--engine {name}: use local or ray.")
    if cluster.address or cluster.ship_data or cluster.allow_mixed:
        raise UsageError("--address, --ship-data and --allow-mixed go with --engine ray.")
    from esrbench.engines.local import LocalEngine

    return partial(LocalEngine, workers=_workers(jobs or "1", threads))


def _workers(text: str, threads: int) -> int:
    """The number of workers; ``auto`` for as many as have ``threads`` cores each."""
    from esrbench.timing.threads import thread_count, usable_cores

    if text == "auto":
        return max(1, len(usable_cores()) // thread_count(threads))
    if not text.isdigit() or not 1 <= int(text) <= 1024:
        raise UsageError(f"--jobs {text}: give a number from 1 on, or auto.")
    return int(text)
