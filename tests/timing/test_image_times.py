"""Whether a runtime depends on the image, from drawn times."""

from __future__ import annotations

import numpy as np
import pytest

from esrbench.timing.image_times import image_times

RNG = np.random.default_rng(0)


def calls(milliseconds: dict[int, float], of_each: int, noise: float) -> list[tuple[int, float]]:
    """``of_each`` calls of each image, slower at random by a share ``noise``, in turn."""
    drawn = [
        (number, ms * (1 + noise * RNG.exponential()))
        for _ in range(of_each)
        for number, ms in milliseconds.items()
    ]
    return [drawn[i] for i in RNG.permutation(len(drawn))]


def test_an_image_that_costs_twice_as_much_shows() -> None:
    found = image_times(calls({0: 10.0, 1: 20.0, 2: 10.0}, 12, 0.1))
    assert found is not None
    assert list(found)[-1] == "1"
    assert found["1"] == pytest.approx(21, rel=0.1)


# milliseconds by image, calls of each, noise: nothing to tell
ALIKE = [
    ({0: 10.0, 1: 10.0, 2: 10.0}, 12, 0.1),
    ({0: 10.0, 1: 10.2}, 40, 0.0),  # sure, and no matter
    ({0: 10.0, 1: 20.0}, 2, 0.1),  # too few calls
    (dict.fromkeys(range(64), 5.0), 8, 0.5),
]


@pytest.mark.parametrize(("milliseconds", "of_each", "noise"), ALIKE)
def test_alike(milliseconds: dict[int, float], of_each: int, noise: float) -> None:
    assert image_times(calls(milliseconds, of_each, noise)) is None
