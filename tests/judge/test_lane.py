"""Timed outputs: all are there before the judge says which it looks at."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from esrbench.judge.lane import RunnerLane
from tests.judge.in_process import InProcess

IMAGES = [np.random.default_rng(n).integers(0, 256, (12, 16, 3), dtype=np.uint8) for n in range(4)]


class Doubles(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.repeat_interleave(2, 2).repeat_interleave(2, 3)


class OnceInThree(Doubles):
    """Works in every third call, and gives that again in the others."""

    calls, last = 0, torch.zeros(1, 3, 24, 32)

    def forward(self, x: Tensor) -> Tensor:
        OnceInThree.calls += 1
        if OnceInThree.calls % 3 == 0:
            OnceInThree.last = super().forward(x)
        return OnceInThree.last


class FirstOnly(Doubles):
    """Works while it is warmed up, then puts out grey."""

    calls = 0

    def forward(self, x: Tensor) -> Tensor:
        FirstOnly.calls += 1
        return super().forward(x) if FirstOnly.calls < 3 else torch.full((1, 3, 24, 32), 0.5)


class Late(Doubles):
    """Gives an empty image, and fills it in when the next call comes: deferred by one."""

    waiting: tuple[Tensor, Tensor] | None = None

    def forward(self, x: Tensor) -> Tensor:
        if self.waiting is not None:
            empty, lr = self.waiting
            empty.copy_(super().forward(lr))
        sr = torch.zeros(1, 3, 24, 32)
        self.waiting = (sr, x)
        return sr


class Wavers(Doubles):
    """Brighter by how bright the image before was."""

    before = 0.45

    def forward(self, x: Tensor) -> Tensor:
        sr = super().forward(x) + 0.1 * self.before
        self.before = float(x.mean())
        return sr


class WaversAndCheats(FirstOnly):
    """So by a little, but grey from its third call on."""

    before, calls = 0.0, 0

    def forward(self, x: Tensor) -> Tensor:
        sr = super().forward(x) + 0.01 * self.before
        self.before = float(x.mean())
        return sr


def lane(module: nn.Module, graph: nn.Module | None = None, **more: Any) -> RunnerLane:
    runner: Any = InProcess(module.eval(), scale=2)
    beside: Any = InProcess(graph.eval(), scale=2) if graph else None
    return RunnerLane("it", runner, 2, 1.0, lambda _: IMAGES, graph=beside, **more)


def flags(made: RunnerLane, blocks: int = 12) -> set[str]:
    for _ in range(blocks):
        made.block("12x16", 5)
    return made.flags


@pytest.mark.parametrize("cheat", [OnceInThree, FirstOnly, Late], ids=lambda kind: kind.__name__)
def test_work_that_is_spared_or_put_off_is_seen(cheat: type[nn.Module]) -> None:
    assert flags(lane(cheat(), Doubles())) == {"timed-output-differs"}


@pytest.mark.parametrize("room", [2**20, 3 * 24 * 32 * 2, 3 * 24 * 32])
def test_honest_work_is_not(room: int) -> None:
    """Whatever the room: one call's output needs 2304 floats."""
    assert flags(lane(Doubles(), Doubles(), room=room)) == set()
    assert flags(lane(Doubles(), room=room)) == set()


def test_a_block_has_no_more_calls_than_room() -> None:
    block = lane(Doubles(), room=3 * 24 * 32 * 2).block("12x16", 50)
    assert len(block.call_ms) == 2


def test_behind_a_block_one_without_calls_is_asked_for() -> None:
    made = lane(Doubles())
    block, whole = made.block("12x16", 3), made.block("12x16", None)
    assert block.empty_ms is not None
    assert 0 < block.empty_ms < block.wall_ms + 50
    assert whole.empty_ms is None  # each image once, and nothing is asked for besides
    assert len(made.calls) == 3 + len(IMAGES)


def test_where_outputs_stand_when_there_is_room_for_two() -> None:
    made = lane(Doubles(), room=2 * 2304 + 100)
    made.send_pool("12x16")
    assert made._places((0, 1, 2)) == {1: 2304, 2: 0}  # the third overwrites the first


def test_another_network_than_the_graph_is_seen() -> None:
    class Dim(Doubles):
        def forward(self, x: Tensor) -> Tensor:
            return 0.99 * super().forward(x)

    assert flags(lane(Dim(), Doubles())) == {"timed-output-differs"}
    assert flags(lane(Dim())) == set()  # by itself it is consistent


def test_one_that_wavers_is_held_to_how_far_it_does() -> None:
    """Its difference by chance was measured on two like images, and is larger while it is timed."""
    assert flags(lane(Wavers(), apart=1e-3)) == {"timed-output-differs"}
    assert flags(lane(Wavers(), apart=1e-3, wavers=True)) == set()
    assert flags(lane(WaversAndCheats(), Doubles(), wavers=True)) == {"timed-output-differs"}
