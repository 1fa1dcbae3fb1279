"""One thing of a process that can be turned, read and, mostly, put back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any


@dataclass(frozen=True)
class Setting:
    """How it is read, how it is put back, and under which name a change is told."""

    name: str
    read: Callable[[], Any]
    write: Callable[[Any], object] | None = None
    """None where nothing can put it back: then a change stays, and is told."""
    told: bool = True
    """Whether a change makes a figure another one; else it is put back without a word."""


def attribute(name: str, owner: Any, key: str) -> Setting:
    """The setting that ``owner.key`` is."""
    return Setting(name, partial(getattr, owner, key), partial(setattr, owner, key))
