"""How jobs ended, whichever engine did them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from esrbench.engines.plan import Job

DEATHS = 3
"""A submission that took its worker down so often is not tried once more."""
Hear = Callable[[dict[str, Any]], None]
"""Hears every event, as a dict that JSON can hold."""


@dataclass
class Outcomes:
    """How the jobs ended, by their number."""

    records: dict[int, str] = field(default_factory=dict)
    """Files of the records."""
    errors: dict[int, tuple[str, int]] = field(default_factory=dict)
    """What was no submission's fault, with the exit code it stands for."""
    took_down: dict[int, str] = field(default_factory=dict)
    """Jobs that ended their workers again and again."""
    left_open: list[Job] = field(default_factory=list)

    @property
    def over(self) -> set[int]:
        """Numbers of the jobs that nothing more is to be done for."""
        return {*self.records, *self.errors, *self.took_down}
