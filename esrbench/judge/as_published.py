"""MACs at the small input that a published figure is for, so that the two can be held together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from esrbench.errors import SubmissionError
from esrbench.judge.connection import Runner
from esrbench.judge.parts import Counts
from esrbench.judge.spread import new_seed
from esrbench.protocol.schema import parse_shape
from esrbench.results.record import CountsElsewhere
from esrbench.runner import requests

SMALL = 4
"""Such an input is counted at where it has at most one of so many parts of the pixels."""


def counted_as_published(counts: Counts, published: Mapping[str, object], runner: Runner) -> Counts:
    """``counts`` with the MACs at the small LR input that ``published`` ones are for, if any."""
    shape = published_input(published, counts.complexity.input_shape)
    if shape is None:
        return counts
    try:
        answer = runner.ask(requests.Count(shape=shape, seed=new_seed()))
    except SubmissionError:
        return counts  # it is a comparison less, and no fault: nobody said it takes this size
    elsewhere = CountsElsewhere.model_validate(
        answer.model_dump(include=set(CountsElsewhere.model_fields))
    )
    complexity = counts.complexity.model_copy(update={"as_published": elsewhere})
    return replace(counts, complexity=complexity)


def published_input(
    published: Mapping[str, object], counted: Sequence[int]
) -> tuple[int, int, int, int] | None:
    """The LR shape of a published figure, where it is another than ``counted`` and much smaller.

    >>> published_input({"macs": 577e6, "macs_at": "1x3x32x32"}, (1, 3, 256, 256))
    (1, 3, 32, 32)
    """
    try:
        shape = parse_shape(str(published["macs_at"]))
    except (KeyError, ValueError):
        return None
    pixels, here = shape[2] * shape[3], counted[2] * counted[3]
    return shape if pixels * SMALL <= here and shape[:2] == (1, 3) else None
