"""What scripts ask of ``torch.cuda`` around a network, answered without a GPU. Runner only."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch


@contextmanager
def answering_for_a_gpu() -> Iterator[None]:
    """While entered, ``torch.cuda`` answers as an idle GPU that takes the host's time."""
    before = {name: getattr(torch.cuda, name) for name in _ANSWERS}
    for name, answer in _ANSWERS.items():
        setattr(torch.cuda, name, answer)
    try:
        yield
    finally:
        for name, known in before.items():
            setattr(torch.cuda, name, known)


class _HostEvent:
    """``torch.cuda.Event`` by the host's clock."""

    def __init__(self, *_: object, **__: object) -> None:
        self._at = 0.0

    def record(self, *_: object) -> None:
        self._at = time.perf_counter()

    def synchronize(self) -> None:
        """Nothing is under way."""

    def query(self) -> bool:
        return True

    def elapsed_time(self, end: _HostEvent) -> float:
        return 1000 * (end._at - self._at)


def _always(value: object) -> Callable[..., Any]:
    """One function a name: torch's compiler, where it is imported meanwhile, tells them apart."""

    def answer(*_: object, **__: object) -> object:
        return value

    return answer


_NUMBERS = ("current_device", "memory_allocated", "max_memory_allocated", "memory_reserved",
            "max_memory_reserved")  # fmt: skip
_ORDERS = ("synchronize", "set_device", "empty_cache", "reset_peak_memory_stats",
           "reset_max_memory_allocated")  # fmt: skip
_ANSWERS: Mapping[str, Any] = {
    "Event": _HostEvent,
    **{name: _always(0) for name in _NUMBERS},
    **{name: _always(None) for name in _ORDERS},
}
