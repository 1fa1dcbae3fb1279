"""Counts of a network that is too large to run here at the size everybody is counted at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from esrbench.judge.connection import OutOfMemory, RunnerFailure
from esrbench.judge.measure import counts_part
from esrbench.judge.memory import Fresh
from esrbench.judge.parts import Counts
from esrbench.runner.answers import Counted
from esrbench.runner.requests import Count


def without_values(fresh: Fresh, shape: Sequence[int], why: OutOfMemory) -> Counted:
    """The counts at ``shape`` on tensors without values, by a ``fresh`` runner.

    Raises RunnerFailure, with ``why`` before its own reason, where even that does not go.
    """
    try:
        with fresh() as runner:
            return runner.ask(Count(shape=tuple(shape), values=False))
    except RunnerFailure as neither:
        raise RunnerFailure(f"{why} {neither}") from None


def counts_of_the_too_large(
    fresh: Fresh, shape: Sequence[int], track: str, why: OutOfMemory
) -> Iterator[Counts]:
    """What can be said of it all the same; then raises what ends the run, in a sentence."""
    yield counts_part(without_values(fresh, shape, why), track)
    size = "x".join(str(side) for side in shape)
    raise RunnerFailure(
        f"{why} One forward at {size} takes more memory than there is here; the counts are of "
        "tensors without values."
    )
