"""Torch's compiler (``torch._dynamo``): whether it is there, and how to do without it.

Importing it takes as long as importing torch. Torch does so for no other end than to hide what
counts operators from it, and to read two settings; a network that compiles nothing never needs it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

import torch

F = TypeVar("F", bound=Callable[..., Any])

_NAME = "torch._dynamo"
_found: dict[str, ModuleType] = {}
"""What stood in the compiler's place, and the settings imported with it."""


class _Place(ModuleType):
    """Stands where the compiler would: its settings can be imported, it hides nothing."""

    def __init__(self) -> None:
        super().__init__(_NAME)
        self.__path__ = [str(Path(torch.__file__).parent / "_dynamo")]
        self.left_seen: list[Any] = []

    def disable(self, function: F, recursive: bool = True, *, wrapping: bool = True) -> F:
        """``function`` as it is: nobody compiles it meanwhile."""
        self.left_seen.append(function)
        return function


def loaded() -> bool:
    """Whether the compiler is there; otherwise nothing can have been compiled."""
    there = sys.modules.get(_NAME)
    return there is not None and not isinstance(there, _Place)


@contextmanager
def kept_out() -> Iterator[None]:
    """Spare its import inside, where it is not there yet: torch finds its settings, and no more.

    What needs it inside fails, with whatever error.
    """
    if _NAME in sys.modules:
        yield
        return
    sys.modules.update(_found or {_NAME: _Place()})
    place = sys.modules[_NAME]
    assert isinstance(place, _Place)
    try:
        yield
    finally:
        if sys.modules.get(_NAME) is place:
            _found.update({name: sys.modules.pop(name) for name in list(sys.modules) if _of(name)})
        while place.left_seen:  # the next call asks the compiler that is there then
            vars(place.left_seen.pop()).pop("__dynamo_disable", None)


def _of(name: str) -> bool:
    return name == _NAME or name.startswith(f"{_NAME}.")


def hidden(function: Callable[..., Any]) -> Callable[..., Any]:
    """``function``, which the compiler runs as it is written."""
    made: Callable[..., Any] = torch._disable_dynamo(function)  # type: ignore[attr-defined]
    return made
