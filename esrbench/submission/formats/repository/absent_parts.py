"""What stands in for a package that is not installed and that a forward has no use for.

Runner only. It can be imported; it speaks up, with the pip line, when it is used.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

from esrbench.submission.formats.repository.pip_names import pip_line


class NotServed(ImportError):
    """A part of BasicSR that nothing here serves; the text says so in a sentence."""


class Absent(ModuleType):
    """A package that a network's file imports and its forward has no use for."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.__path__: list[str] = []

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return unusable(f"{self.__name__}.{name}")


class Anything(Absent):
    """A package for whose answers nobody waits: options are read, nothing is computed."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Anything(f"{self.__name__}.{name}")

    def __call__(self, *_: Any, **__: Any) -> Any:
        """Itself again."""
        return self

    def __lt__(self, other: object) -> bool:
        """Whatever it is held against, as a version is."""
        return False

    __gt__ = __le__ = __ge__ = __lt__


def unusable(what: str, why: str = "") -> Any:
    """A class that can be imported, inherited and decorated with, and raises once it is used:
    for ``why``, or as its package is not installed."""
    why = why or f"which is not installed: {pip_line([what.split('.')[0]])}"

    def refuse(self: Any, *_: Any, **__: Any) -> None:
        raise NotServed(f"uses {what}, {why}")

    return type(what.rpartition(".")[2], (), {"__init__": refuse})
