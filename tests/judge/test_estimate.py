"""How long a run takes, before it starts: plain sums, and what a record here teaches."""

from __future__ import annotations

import pytest

from esrbench.data.catalogue import load_catalogue
from esrbench.data.dataset import open_dataset
from esrbench.judge.estimate import SECONDS, Estimate, estimate, in_time, macs_a_pixel
from esrbench.protocol.load import load_protocol
from esrbench.results.record import Complexity
from esrbench.results.scored import ImageScore
from tests.report.records import record

# seconds, words
TIMES = [(0.4, "1 s"), (12.4, "12 s"), (44, "40 s"), (89, "90 s"), (200, "3 min"), (9000, "2.5 h")]


@pytest.mark.parametrize(("seconds", "words"), TIMES)
def test_times_are_as_round_as_they_are_sure(seconds: float, words: str) -> None:
    assert in_time(seconds) == words


def test_the_sentence_names_every_phase_that_takes_a_second() -> None:
    told = Estimate({"quality": 60, "timing": 120, "nothing": 0.2}).sentence()
    assert told == "about 3 min: quality 60 s, timing 2 min"


def test_a_slower_machine_and_a_larger_network_take_longer() -> None:
    quick = load_protocol("quick")
    photographs = open_dataset("skimage8", 4, data_root=None, catalogue=load_catalogue())

    def quality(each: float, earlier=None) -> float:
        found = estimate(quick, [photographs], 4, device="cpu", threads=2, macs_a_pixel=each,
                         earlier=earlier)  # fmt: skip
        return found.by_phase["quality"]

    assert quality(1e6) > 1.5 * quality(1e5)
    slow = record(environment={SECONDS: {"quality": 600.0}})
    fast = record(environment={SECONDS: {"quality": 0.001}})
    assert quality(1e5, fast) < quality(1e5) < quality(1e5, slow)
    # A quality pass over a few small images takes what opening it takes, on any machine.
    seconds = {"loading": 0.3, "counting": 3.0, "quality": 0.5}
    images = {"tiny": [ImageScore(name="a", lr_size=(16, 16), values={})]}
    counted = Complexity(input_shape=[1, 3, 16, 16])
    small = record(
        environment={SECONDS: seconds}, images=images, complexity=counted, macs=256 * 100_000
    )
    assert quality(1e5, small) == pytest.approx(quality(1e5), rel=0.1)


def test_macs_of_a_pixel_are_those_of_the_count() -> None:
    one = record(macs=65536 * 150_000)
    assert macs_a_pixel(one) == pytest.approx(150_000)
    assert macs_a_pixel(record(macs=None)) is None
