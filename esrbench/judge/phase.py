"""What ends a run: a phase in which the submission fails, and the sentence that says so."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from esrbench.errors import SubmissionError
from esrbench.judge.connection import RunnerRejected


class PhaseFailed(Exception):
    """A phase ended by the submission's fault: what that makes of its row, and the sentence."""

    def __init__(self, status: Literal["rejected", "failed"], sentence: str) -> None:
        super().__init__(sentence)
        self.status, self.sentence = status, sentence


@contextmanager
def phase(name: str) -> Iterator[None]:
    """Where a submission fails inside, say in which phase."""
    try:
        yield
    except RunnerRejected as why:
        raise PhaseFailed("rejected", f"In {name}: {why}") from None
    except SubmissionError as why:
        raise PhaseFailed("failed", f"In {name}: {why}") from None
