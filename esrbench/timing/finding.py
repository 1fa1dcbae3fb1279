"""One thing the doctor has to say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["ok", "warn", "bad"]


@dataclass(frozen=True)
class Finding:
    """A fact of this machine that bears on timing."""

    level: Level
    """``ok``: nothing to do; ``warn``: figures may suffer; ``bad``: they will, or cannot be had."""
    topic: str
    """One word: ``load``, ``governor``, ``threads``, ``noise``, ``gpu``, ..."""
    sentence: str
    cure: str = ""
    """What to do about it; empty where nothing is wrong or nothing can be done."""
