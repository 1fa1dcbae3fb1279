"""Who hears how far a command has come."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """What a long piece of work tells, step by step; the terminal's own is in ``cli/terminal``."""

    def phase(self, text: str, total: int | None = None) -> None:
        """A new phase begins; ``total`` steps if that is known."""

    def step(self, text: str) -> None:
        """One step of the phase is done."""

    def end(self) -> None:
        """The run is over."""


class Silent:
    """Progress that nobody watches."""

    def phase(self, text: str, total: int | None = None) -> None:
        """Nothing is said."""

    def step(self, text: str) -> None:
        """Nothing is said."""

    def end(self) -> None:
        """Nothing is said."""
