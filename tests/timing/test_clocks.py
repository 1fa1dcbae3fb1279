"""When the runner's times and the judge's wall contradict each other."""

import pytest

from esrbench.timing.clocks import clocks_disagree, overhead_per_call, wall_ratio
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
        (blocks(100, 9), blocks(103, 10), False),  # 10%: what a busy machine may do
        (blocks(100, 7, count=3), blocks(103, 10), False),  # too few to be a rule
        (blocks(100, 7, count=2) + blocks(100, 9.8, count=2), blocks(103, 10), False),
        # A block of few, long calls is granted what a block of many short ones takes in all.
        (blocks(75, 20, calls=3), blocks(65, 1, calls=50), False),
        ([], [], False),
    ],
)
def test_disagreement(mine, baseline, expected):
    assert clocks_disagree(mine, baseline) is expected


@pytest.mark.parametrize(("megabytes", "expected"), [(0, True), (120, False), (10, True)])
def test_handing_over_outputs_takes_time(megabytes: int, expected: bool) -> None:
    """Ten calls of 10 ms and 200 ms beside them: so long for 12 MB a call, and not for 1 MB."""
    mine = [Block((10.0,) * 10, 300.0, output_bytes=megabytes * 10**6)] * 4
    assert clocks_disagree(mine) is expected


def test_overhead_and_ratio():
    assert overhead_per_call(blocks(120, 10)) == pytest.approx(2)
    assert wall_ratio(blocks(120, 10)) == pytest.approx(1.2)
    assert wall_ratio([]) is None
