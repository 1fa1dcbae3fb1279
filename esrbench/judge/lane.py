"""A loaded submission as a lane: the judge sends inputs, asks for blocks, keeps its own clock."""

from __future__ import annotations

import random
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from esrbench.judge.connection import Runner, RunnerFailure
from esrbench.judge.output import check_shape
from esrbench.judge.quiet import Quiet
from esrbench.runner import requests
from esrbench.sandbox.tree import cpu_seconds
from esrbench.timing.cores_used import CoresUsed
from esrbench.timing.lane import Block

Images = Sequence[NDArray[np.uint8]]
_SAME = 1e-4
"""How far, relative to the data range, a timed output may be from an untimed one."""
_WAVER = 2.0
"""A timed answer may waver by this much more than the few untimed ones that it is held against."""
_BEFORE = (1.0, 0.5, 0.9, 0.7)
"""How much the images before them are dimmed."""
_CHECKS_APART = 8
"""The next block whose output is checked is drawn from those up to this many times as far on."""


@dataclass
class RunnerLane:
    """``Lane`` over a runner; ``inputs`` gives the LR images of a shape."""

    label: str
    runner: Runner
    scale: int
    data_range: float
    inputs: Callable[[str], Images]
    policy: str = "block"
    flags: set[str] = field(default_factory=set)
    """What the judge saw while it timed: ``timed-output-differs``."""
    changed: set[str] = field(default_factory=set)
    """What was not as the protocol fixes it when a block was over, in words."""
    apart: float = 0.0
    """How far, of the data range, two answers to one image may be that chance parts."""
    wavers: bool = False
    """Whether it was seen to answer an image otherwise from time to time: then a timed output that
    is further from the untimed one is held against how far untimed ones are from each other."""
    calls: list[tuple[int, float]] = field(default_factory=list)
    """Which image each call at this shape was given, and its milliseconds."""
    graph: Runner | None = None
    """What timed outputs are held against: the graph in a process of its own; None for the
    submission itself."""
    beside: tuple[Runner, ...] = ()
    """Those that are to be quiet while this one is timed."""
    room: int = 2**26
    """Floats of the outputs of one block: 256 MiB."""
    used: CoresUsed = field(default_factory=CoresUsed)
    """CPU time of all the runner's processes within the blocks, as the judge reads it."""
    _shape: str | None = None
    _sizes: list[tuple[int, int]] = field(default_factory=list)
    _blocks: int = 0
    _next_check: int = 1
    _random: random.Random = field(default_factory=lambda: secrets.SystemRandom())

    def warm_up(self, shape: str, seconds: float) -> None:
        """Send the images of ``shape`` and call until steady."""
        self.send_pool(shape)
        self.runner.ask(requests.WarmUp(seconds=seconds))

    def block(self, shape: str, calls: int | None) -> Block:
        """Time ``calls`` calls, or each image of ``shape`` once; raises what the runner fails with.

        Which images come, and by how little they are dimmed, is drawn anew for every call: no
        value is seen twice, and what was cached in an earlier call is of no use.
        """
        self.send_pool(shape)
        indices = self._indices(calls)
        gains = tuple(self._random.uniform(0.9, 1.0) for _ in indices)
        request = requests.TimeBlock(
            indices=indices, gains=gains, room=self.room, policy=self.policy
        )
        quiet = Quiet(self.runner, self.beside)
        busy = cpu_seconds(self.runner.pids)
        started = time.perf_counter_ns()
        answer = self.runner.ask(request)
        wall_ms = (time.perf_counter_ns() - started) / 1e6
        drawn = self._take(indices)  # at once: what is not there now was not computed in time
        self.used.add(cpu_seconds(self.runner.pids) - busy, wall_ms / 1e3)
        if len(answer.call_ms) != len(indices):
            raise RunnerFailure("It broke the harness's protocol (a block of other calls).")
        self.calls.extend(zip(indices, answer.call_ms, strict=False))
        if drawn is not None:
            number, timed = drawn
            self._verify(timed, indices[number], gains[number])
        self.changed.update(answer.flags.changed)
        empty = None if calls is None else self._empty_ms()
        return Block(
            call_ms=answer.call_ms,
            wall_ms=wall_ms,
            clock=answer.clock,
            process_ms=answer.process_ms,
            tampered=answer.tampered,
            output_bytes=4 * sum(map(self._floats, indices)),
            empty_ms=empty,
            void=quiet.disturbed(wall_ms / 1e3),
        )

    def _empty_ms(self) -> float:
        """The judge's clock around a block without calls: what is not the calls' of one with."""
        request = requests.TimeBlock(indices=(), gains=(), room=self.room, policy=self.policy)
        started = time.perf_counter_ns()
        self.runner.ask(request)
        return (time.perf_counter_ns() - started) / 1e6

    def _indices(self, calls: int | None) -> tuple[int, ...]:
        if calls is None:
            return tuple(range(len(self._sizes)))
        largest = max(self._floats(index) for index in range(len(self._sizes)))
        calls = min(calls, max(1, self.room // largest))
        return tuple(self._random.randrange(len(self._sizes)) for _ in range(calls))

    def _floats(self, index: int) -> int:
        """Of the SR of one of the pool's images."""
        height, width = self._sizes[index]
        return 3 * height * width * self.scale**2

    def _take(self, indices: Sequence[int]) -> tuple[int, NDArray[np.float32]] | None:
        """The number of a call that is drawn now, and its output; None where none is due.

        It is due in the first block and in few after it. Which those are is drawn: a submission
        that cannot know can spare itself the work in none.
        """
        self._blocks += 1
        if self._blocks < self._next_check:
            return None
        self._next_check = self._random.randint(self._blocks + 1, _CHECKS_APART * self._blocks)
        places = self._places(indices)
        number = self._random.choice(list(places))
        height, width = self._sizes[indices[number]]
        shape = (1, 3, height * self.scale, width * self.scale)
        return number, self.runner.sr[0].view(shape, places[number]).copy()

    def _places(self, indices: Sequence[int]) -> dict[int, int]:
        """Where the output of each call stands, of those that are not overwritten."""
        found: dict[int, int] = {}
        start = 0
        for number, index in enumerate(indices):
            end = start + self._floats(index)
            if end > self.room:
                start, end = 0, self._floats(index)
            found = {k: at for k, at in found.items() if not self._meet(indices[k], at, start, end)}
            found[number] = start
            start = end
        return found

    def _meet(self, index: int, at: int, start: int, end: int) -> bool:
        return at < end and start < at + self._floats(index)

    def send_pool(self, shape: str) -> None:
        """Hand the images of ``shape`` over, unless the runner still has them."""
        if shape == self._shape:
            return
        images = self.inputs(shape)
        self._sizes = [(image.shape[0], image.shape[1]) for image in images]
        self.calls.clear()
        for runner in filter(None, (self.runner, self.graph)):
            self._hand_over(runner, images)
        self._shape = shape

    def _hand_over(self, runner: Runner, images: Images) -> None:
        flat = runner.lr[0].view((sum(image.size for image in images),))
        start = 0
        for image in images:
            planes = image.transpose(2, 0, 1).reshape(-1)
            np.divide(
                planes, np.float32(255.0 / self.data_range), out=flat[start : start + image.size]
            )
            start += image.size
        runner.ask(requests.Pool(sizes=tuple(self._sizes)))

    def _verify(self, timed: NDArray[np.float32], index: int, gain: float) -> None:
        """Hold one timed output against an untimed one: the graph's, where there is one."""
        # Another image comes in between, so that whoever returns the last output again is seen.
        another = self._replay((index + 1) % len(self._sizes), 0.8 * gain)
        untimed = self._replay(index, gain)
        tolerance = max(_SAME, self.apart) * self.data_range
        apart = float(np.abs(timed - untimed).max())
        if apart > tolerance and self.wavers:
            tolerance = _WAVER * self._wavering(index, gain, untimed)
        if not apart <= tolerance or np.array_equal(timed, another):
            self.flags.add("timed-output-differs")

    def _wavering(self, index: int, gain: float, untimed: NDArray[np.float32]) -> float:
        """How far other untimed answers to the same image are from ``untimed``, at most.

        Behind images of another brightness each, as what came before may be what decides.
        """
        found = []
        for step, dimmed in enumerate(_BEFORE, start=1):
            self._replay((index + step) % len(self._sizes), dimmed * gain)
            found.append(np.abs(self._replay(index, gain) - untimed).max())
        return float(max(found))

    def _replay(self, index: int, gain: float) -> NDArray[np.float32]:
        """The untimed output for one of the pool's images."""
        runner = self.graph or self.runner
        answer = runner.ask(requests.Replay(index=index, gain=gain))
        shape = check_shape(answer.shape, (1, 3, *self._sizes[index]), self.scale)
        sr: NDArray[np.float32] = runner.sr[1].view(shape).copy()
        return sr
