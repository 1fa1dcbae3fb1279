"""Cores are dealt out: each worker has its own."""

from __future__ import annotations

from collections.abc import Sequence

from esrbench.timing.threads import pick_cores


def deal(cores: Sequence[int], workers: int) -> list[tuple[int, ...]]:
    """``cores`` in as many shares as there are workers, whole physical cores first.

    With more workers than cores some share one.
    """
    ordered: list[int] = []
    rest = sorted(cores)
    while rest:
        first = pick_cores(rest, 1)[0]
        ordered.append(first)
        rest.remove(first)
    if workers >= len(ordered):
        return [(ordered[i % len(ordered)],) for i in range(workers)]
    each, more = divmod(len(ordered), workers)
    shares, start = [], 0
    for number in range(workers):
        size = each + (number < more)
        shares.append(tuple(sorted(ordered[start : start + size])))
        start += size
    return shares
