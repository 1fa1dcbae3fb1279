"""The judge's clock decides: what is left out inside comes back, and honest times stay."""

from __future__ import annotations

import pytest

from esrbench.protocol.schema import Timing
from esrbench.timing.judged import on_the_judges_clock
from esrbench.timing.lane import Block
from esrbench.timing.schedule import measure
from tests.timing.fakes import FakeLane, FakeTime

TIMING = Timing(
    shapes=("8x8",), baseline="b", warmup_seconds=0.1, block_seconds=0.1, min_blocks=4,
    max_seconds=5.0,
)  # fmt: skip


def blocks(wall_ms: float, inner_ms: float, calls: int = 10) -> list[Block]:
    return [Block((inner_ms,) * calls, wall_ms)] * 4


@pytest.mark.parametrize(
    ("mine", "theirs", "expected"),
    [
        (blocks(103, 10), blocks(203, 20), 10.0),  # 3 ms outside, both sides alike
        (blocks(103, 7), blocks(203, 20), 10.0),  # 30% of each call are hidden
        (blocks(103, 9.8), blocks(203, 20), 10.0),  # 2%, which no threshold would tell
        (blocks(102, 10), blocks(203, 20), 10.0),  # less outside than the other: its own
        (blocks(103, 10), blocks(260, 20), 10.0),  # who takes longer outside gains nothing
        (blocks(103, 10), [], 10.0),  # nobody to tell what lies outside
        (blocks(62, 20, calls=3), blocks(510, 10, calls=50), 20.0),  # its own two are fewer
        (blocks(100, 0.0), blocks(203, 20), 0.0),  # nothing to stretch
    ],
)
def test_a_call_on_the_judges_clock(mine, theirs, expected: float) -> None:
    judged, _ = on_the_judges_clock(mine, theirs)
    assert [ms for block in judged for ms in block.call_ms] == pytest.approx(
        [expected] * len(mine[0].call_ms) * 4
    )


def test_what_comes_once_a_block_is_granted_once() -> None:
    """Else a network of short calls could leave out as much as its baseline's blocks take over."""
    theirs = [Block((200.0,), 204.0, empty_ms=2.0)] * 4  # 2 by block, 2 by call
    judged, _ = on_the_judges_clock(blocks(122, 6), theirs)  # 10 of 10 ms, of which 4 are hidden
    assert judged[0].call_ms == pytest.approx((10.0,) * 10)


def test_how_a_blocks_time_is_spread_stays() -> None:
    mine = [Block((7.0, 7.0, 21.0), 53.0)] * 4  # 35 inside, 3 granted: 50 is what is judged
    judged, _ = on_the_judges_clock(mine, blocks(203, 20))
    assert judged[0].call_ms == pytest.approx((10.0, 10.0, 30.0))


@pytest.mark.parametrize("hidden", [0.0, 0.02, 0.1, 0.3, 0.6])
def test_a_share_left_out_of_every_call_gains_nothing(hidden: float) -> None:
    """True times are 10 and 20 ms: the ratio is 0.5 whatever the inner clock says."""
    time = FakeTime()
    cheat = FakeLane("cheat", time, 10.0, inner_share=1 - hidden)
    run = measure(cheat, FakeLane("b", time, 20.0), "8x8", TIMING, clock=time)
    assert run.runtime.ratio == pytest.approx(0.5, rel=1e-3)
    assert run.runtime.median == pytest.approx(10.0, rel=1e-3)
    assert run.runtime.inner_median == pytest.approx(10.0 * (1 - hidden), rel=1e-3)


class Disturbed(FakeLane):
    """Whose first blocks are void."""

    void = 0

    def block(self, shape: str, calls: int | None) -> Block:
        made = super().block(shape, calls)
        self.void -= 1
        why = "another runner worked meanwhile" if self.void >= 0 else None
        return Block(made.call_ms, made.wall_ms, made.clock, void=why)


@pytest.mark.parametrize(("void", "flagged"), [(3, False), (1000, True)])
def test_a_void_block_is_measured_again(void: int, flagged: bool) -> None:
    time = FakeTime()
    lane = Disturbed("a", time, 10.0)
    lane.void = void + 2  # two are trials
    run = measure(lane, FakeLane("b", time, 10.0), "8x8", TIMING, clock=time)
    assert ("disturbs" in run.flags) is flagged
    assert sum(not block.counted for block in run.blocks) == min(void, 6)
    assert any(block.void for block in run.blocks)
