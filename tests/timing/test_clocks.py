"""When the runner's times and the judge's wall contradict each other."""

import numpy as np
import pytest

from esrbench.timing.clocks import beyond, clocks_disagree, overhead_per_call, wall_ratio
from esrbench.timing.lane import Block


def blocks(wall_ms, inner_ms, calls=10, count=4):
    return [Block((inner_ms,) * calls, wall_ms)] * count


@pytest.mark.parametrize(
    ("mine", "baseline", "expected"),
    [
        (blocks(105, 10), [], False),
        (blocks(105, 10.6), [], True),  # 106 ms inside 105
        (blocks(100, 10.02), [], False),  # 100.2 ms inside 100: rounding of two clocks
        (blocks(149, 10), [], False),  # 4.9 ms a call beside: 5 are allowed
        (blocks(400, 10), [], True),
        (blocks(200, 10), blocks(105, 10), True),
        (blocks(200, 10), blocks(200, 10), False),  # the baseline has the same overhead
        (blocks(3.0, 0.1), blocks(2.0, 0.1), False),  # 0.1 ms a call: too little to say
        (blocks(105, 10, count=3) + blocks(900, 10, count=1), [], False),  # one busy moment
        (blocks(100, 7), blocks(103, 10), True),  # 30% of each call are hidden
        (blocks(100, 9), blocks(103, 10), True),  # 10%, and no spread that would explain it
        (blocks(100, 9.5), blocks(103, 10), False),  # 2%: honest networks have that as well
        (blocks(100, 7, count=3), blocks(103, 10), False),  # too few to be a rule
        (blocks(100, 7, count=2) + blocks(100, 9.8, count=2), blocks(103, 10), False),
        # A block of few, long calls is granted what a block of many short ones takes in all.
        (blocks(75, 20, calls=3), blocks(65, 1, calls=50), False),
        ([], [], False),
    ],
)
def test_disagreement(mine, baseline, expected):
    assert clocks_disagree(mine, baseline) is expected


def spread_blocks(shaved: float, spread: float, seed: int, count: int = 10) -> list[Block]:
    """Of 10 calls, ``shaved`` of each hidden; what else goes on takes ``spread`` of a block more.

    More or less of it: half a normal distribution, whose deviation that is."""
    walls = 103 + 100 * spread * np.abs(np.random.default_rng(seed).standard_normal(count))
    return [Block((10 * (1 - shaved),) * 10, float(wall)) for wall in walls]


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    ("shaved", "spread", "expected"),
    [
        (0.08, 0.01, True),
        (0.08, 0.10, False),  # what ten such blocks cannot tell from chance
        (0.30, 0.01, True),
        (0.30, 0.10, True),
        (0.0, 0.01, False),
        (0.0, 0.10, False),
        (0.015, 0.001, False),  # below what honest networks differ by
    ],
)
def test_what_is_flagged_follows_from_the_blocks_own_spread(shaved, spread, expected, seed) -> None:
    mine, theirs = spread_blocks(shaved, spread, seed), spread_blocks(0.0, spread, 100 + seed)
    assert clocks_disagree(mine, theirs) is expected


def test_a_baseline_that_scatters_explains_more_than_one_that_does_not() -> None:
    mine = spread_blocks(0.08, 0.01, 1)
    narrow, wide = (beyond(mine, spread_blocks(0.0, s, 2)) for s in (0.01, 0.1))
    assert narrow.low > 0.05
    assert wide.low < 0 < wide.value


@pytest.mark.parametrize(("empty_ms", "expected"), [(None, False), (2.0, True), (0.0, False)])
def test_what_comes_once_a_block_is_not_granted_for_every_call(empty_ms, expected) -> None:
    """The baseline's block of one call has 4 ms outside, half of them whatever is called in it.

    Ten calls then have 22 ms outside and not 40: of 130 ms beside calls of 8 ms, 28 are hidden."""
    theirs = [Block((200.0,), 204.0, empty_ms=empty_ms)] * 4
    assert clocks_disagree([Block((8.0,) * 10, 130.0)] * 4, theirs) is expected


@pytest.mark.parametrize(("wall_ms", "expected"), [(58, False), (65, True)])
def test_outputs_are_not_always_handed_over_as_quickly(wall_ms: float, expected: bool) -> None:
    """Ten calls of 3 ms, and 2 ms each to hand an output over: 0.8 more may be, not 1.5."""
    theirs = [Block((50.0,) * 10, 520.0)] * 4
    assert clocks_disagree([Block((3.0,) * 10, wall_ms)] * 4, theirs) is expected


@pytest.mark.parametrize(("megabytes", "expected"), [(0, True), (120, False), (10, True)])
def test_handing_over_outputs_takes_time(megabytes: int, expected: bool) -> None:
    """Ten calls of 10 ms and 200 ms beside them: so long for 12 MB a call, and not for 1 MB."""
    mine = [Block((10.0,) * 10, 300.0, output_bytes=megabytes * 10**6)] * 4
    assert clocks_disagree(mine) is expected


def test_overhead_and_ratio():
    assert overhead_per_call(blocks(120, 10)) == pytest.approx(2)
    assert wall_ratio(blocks(120, 10)) == pytest.approx(1.2)
    assert wall_ratio([]) is None
