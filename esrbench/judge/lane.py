"""A loaded submission as a lane: the judge sends inputs, asks for blocks, keeps its own clock."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from esrbench.judge.connection import Runner
from esrbench.judge.output import check_shape
from esrbench.runner import requests
from esrbench.sandbox.tree import cpu_seconds
from esrbench.timing.cores_used import CoresUsed
from esrbench.timing.lane import Block

Images = Sequence[NDArray[np.uint8]]
_SAME = 1e-4
"""How far, relative to the data range, a timed output may be from an untimed one."""
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
    calls: list[tuple[int, float]] = field(default_factory=list)
    """Which image each call at this shape was given, and its milliseconds."""
    used: CoresUsed = field(default_factory=CoresUsed)
    """CPU time of all the runner's processes within the blocks, as the judge reads it."""
    _shape: str | None = None
    _sizes: list[tuple[int, int]] = field(default_factory=list)
    _blocks: int = 0
    _next_check: int = 1
    _random: random.Random = field(default_factory=random.SystemRandom)

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
        keep = self._random.randrange(len(indices))
        request = requests.Block(indices=indices, gains=gains, keep=keep, policy=self.policy)
        busy = cpu_seconds(self.runner.pids)
        started = time.perf_counter_ns()
        answer = self.runner.ask(request)
        wall_ms = (time.perf_counter_ns() - started) / 1e6
        self.used.add(cpu_seconds(self.runner.pids) - busy, wall_ms / 1e3)
        self.calls.extend(zip(indices, answer.call_ms, strict=False))
        self._verify(answer.shape, indices[keep], gains[keep])
        self.changed.update(answer.flags.changed)
        return Block(
            call_ms=answer.call_ms,
            wall_ms=wall_ms,
            clock=answer.clock,
            process_ms=answer.process_ms,
            tampered=answer.tampered,
        )

    def _indices(self, calls: int | None) -> tuple[int, ...]:
        if calls is None:
            return tuple(range(len(self._sizes)))
        return tuple(self._random.randrange(len(self._sizes)) for _ in range(calls))

    def send_pool(self, shape: str) -> None:
        """Hand the images of ``shape`` over, unless the runner still has them."""
        if shape == self._shape:
            return
        images = self.inputs(shape)
        flat = self.runner.lr[0].view((sum(image.size for image in images),))
        start = 0
        for image in images:
            planes = image.transpose(2, 0, 1).reshape(-1)
            np.divide(
                planes, np.float32(255.0 / self.data_range), out=flat[start : start + image.size]
            )
            start += image.size
        self._sizes = [(image.shape[0], image.shape[1]) for image in images]
        self.calls.clear()
        self.runner.ask(requests.Pool(sizes=tuple(self._sizes)))
        self._shape = shape

    def _verify(self, answered: Sequence[int], index: int, gain: float) -> None:
        """Hold one timed output against an untimed one, in the first block and in few after it.

        Which those are is drawn: a submission that cannot know can spare itself the work in none.
        """
        shape = check_shape(answered, (1, 3, *self._sizes[index]), self.scale)
        self._blocks += 1
        if self._blocks < self._next_check:
            return
        self._next_check = self._random.randint(self._blocks + 1, _CHECKS_APART * self._blocks)
        timed = self.runner.sr[0].view(shape).copy()
        # Another image comes in between, so that whoever returns the last output again is seen.
        another = self._replay((index + 1) % len(self._sizes), 0.8 * gain)
        untimed = self._replay(index, gain)
        tolerance = max(_SAME, self.apart) * self.data_range
        close = np.allclose(timed, untimed, rtol=0, atol=tolerance)
        if not close or np.array_equal(timed, another):
            self.flags.add("timed-output-differs")

    def _replay(self, index: int, gain: float) -> NDArray[np.float32]:
        """The untimed output for one of the pool's images."""
        answer = self.runner.ask(requests.Replay(index=index, gain=gain))
        shape = check_shape(answer.shape, (1, 3, *self._sizes[index]), self.scale)
        sr: NDArray[np.float32] = self.runner.sr[1].view(shape).copy()
        return sr
