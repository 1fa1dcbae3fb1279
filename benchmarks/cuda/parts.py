"""The table of parts, in the order in which they run: what others need first, the dearest last."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Final

from .setting import Outcome, Setting


@dataclass(frozen=True)
class Part:
    """One part."""

    name: str
    seconds: float
    """What it may take on a GPU; it leaves out what would overrun."""
    least: float
    """It is not begun with less."""
    module: str

    def measure(self, setting: Setting) -> Outcome:
        """Run it; raises whatever goes wrong in it."""
        found: Outcome = importlib.import_module(f".{self.module}", __package__).measure(setting)
        return found


PARTS: Final = (
    Part("environment", 20, 5, "environment_part"),
    Part("tests", 45, 15, "marked_tests_part"),
    Part("metrics", 15, 5, "metrics_part"),
    Part("memory", 30, 15, "memory_part"),
    Part("ceilings", 30, 15, "ceilings_part"),
    Part("overlap", 25, 10, "overlap_part"),
    Part("compare", 105, 40, "comparisons_part"),
    Part("score", 50, 20, "scored_part"),
    Part("runtimes", 140, 20, "runtimes_part"),
)
MOST_SECONDS: Final = 470.0
"""Of all of them together: eight minutes, less what starting takes."""
BY_NAME: Final = {part.name: part for part in PARTS}
