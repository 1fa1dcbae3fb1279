"""How many there are of something, in words: ``1 row``, ``2 rows``, ``1,024 images``."""

from __future__ import annotations


def number_of(count: int, one: str, many: str | None = None) -> str:
    """``count`` and its noun: ``one`` of it, else ``many`` (by default with an s)."""
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"
