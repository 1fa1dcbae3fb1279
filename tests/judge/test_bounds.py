"""Bounds of work that depends on the image, and counts at a published figure's own input."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from esrbench.errors import SubmissionError
from esrbench.judge.as_published import counted_as_published, published_input
from esrbench.judge.bounds import with_bounds
from esrbench.judge.parts import Counts, Steadiness
from esrbench.results.record import Complexity, CountSpread, Spread

SHAPE = (1, 3, 256, 256)
MACS = Spread(mean=3e9, low=2e9, high=4e9)
ONE = Spread(mean=1, low=1, high=1)
STEADY = Steadiness(
    spread=CountSpread(
        over="images", dataset="Set5", by_input={}, macs=MACS, activations=ONE, convs=ONE
    )
)


class Runner:
    """Answers a count with what it is told to."""

    def __init__(self, macs: int | None, why: str = "") -> None:
        self.macs, self.why = macs, why

    def ask(self, request: Any) -> SimpleNamespace:
        if self.why:
            raise SubmissionError(self.why)
        assert request.op == "Count"
        by = dict.fromkeys(("macs_fvcore", "macs_dispatch", "macs_arm"), self.macs)
        known = {"input_shape": request.shape, **by}
        return SimpleNamespace(**by, model_dump=lambda include: known)


@contextmanager
def opened(macs: int | None, why: str = "") -> Iterator[Any]:
    yield Runner(macs, why)


@pytest.mark.parametrize(
    ("least", "most", "bounds", "why"),
    [
        (1_000, 5_000_000_000, {"least": 1_000, "most": 5_000_000_000}, ""),
        (1_000, 4_000_000_000, {"least": 1_000, "most": 4_000_000_000}, ""),
        (1_000, 3_999_999_999, {}, "no image costs more than 4.0000 G MACs; one cost 4.0000 G"),
        (2_500_000_000, 5_000_000_000, {}, "no image costs less than 2.5000 G MACs; one cost 2.0"),
        (None, 5_000_000_000, {"most": 5_000_000_000}, ""),
    ],
)
def test_a_bound_that_an_image_breaks_is_none(
    least: int | None, most: int, bounds: dict[str, int], why: str
) -> None:
    found = with_bounds(STEADY, {"least": opened(least), "most": opened(most)}, SHAPE)
    assert found.spread is not None
    assert found.spread.bounds == bounds
    assert [reason.sentence for reason in found.reasons if why not in reason.sentence] == []
    assert bool(found.reasons) == bool(why)


def test_a_bound_that_cannot_be_built_says_why() -> None:
    found = with_bounds(STEADY, {"most": opened(None, "build() takes no such thing")}, SHAPE)
    assert [reason.sentence for reason in found.reasons] == [
        "The bound `most` of its manifest: build() takes no such thing"
    ]


def test_what_always_does_the_same_has_no_bounds() -> None:
    steady = Steadiness()
    assert with_bounds(steady, {"most": opened(1)}, SHAPE) is steady


@pytest.mark.parametrize(
    ("macs_at", "shape"),
    [
        ("1x3x32x32", (1, 3, 32, 32)),
        ("1x3x128x128", (1, 3, 128, 128)),
        ("1x3x129x128", None),  # more than a quarter: that takes as long as counting does
        ("1x3x256x256", None),
        ("1280x720 output", None),
        ("1x3x32x32, the mean of F2K's patches", None),
        (None, None),
    ],
)
def test_published_inputs(macs_at: str | None, shape: tuple[int, ...] | None) -> None:
    assert published_input({"macs_at": macs_at} if macs_at else {}, SHAPE) == shape


def test_counts_at_the_published_input_stand_beside() -> None:
    complexity = Complexity(input_shape=SHAPE, macs_fvcore=64_000)
    counts = Counts(params=1, macs=64_000, activations=1, convs=1, complexity=complexity)
    found = counted_as_published(counts, {"macs_at": "1x3x32x32"}, Runner(1_000))  # type: ignore[arg-type]
    assert found.macs == 64_000
    assert found.complexity.as_published is not None
    assert found.complexity.as_published.input_shape == (1, 3, 32, 32)
    assert found.complexity.as_published.macs_arm == 1_000
    assert counted_as_published(counts, {}, Runner(1_000)) is counts  # type: ignore[arg-type]
