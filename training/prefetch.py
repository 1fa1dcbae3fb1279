"""Prepare what the next iterations need while this one computes."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")


def ahead(
    make: Callable[[int], Item], start: int, stop: int, *, depth: int = 4, threads: int = 1
) -> Generator[Item, None, None]:
    """``make(i)`` for ``start <= i < stop``, in order, up to ``depth`` of them made in advance.

    ``make`` runs in other threads; what it raises is raised here, when its turn comes. What was
    not yet begun when the generator is closed is not made.
    """
    pending: deque[Future[Item]] = deque()
    pool = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="patches")
    try:
        for i in range(start, stop):
            pending.append(pool.submit(make, i))
            if len(pending) > depth:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
