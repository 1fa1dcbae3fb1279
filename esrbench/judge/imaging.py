"""Send LR images to a runner and read SR images back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from esrbench.judge.connection import Runner
from esrbench.judge.output import check_shape, check_values
from esrbench.runner import requests
from esrbench.runner.answers import Forwarded, Switches


@dataclass(frozen=True)
class Forward:
    """One answered forward."""

    sr: NDArray[np.float32]
    """``(N, 3, H*scale, W*scale)`` in [0, data_range], not clamped."""
    ms: float
    """The runner's own time of the call; shown, never ranked."""
    dtype: str
    input_untouched: bool
    flags: Switches


@dataclass(frozen=True)
class Imaging:
    """The forward pass of one loaded submission, as arrays."""

    runner: Runner
    scale: int
    data_range: float
    trained: bool = True
    """False where the weights are what ``build()`` gave: what comes out need be no image."""

    def put(self, lr: NDArray[np.uint8], slot: int = 0) -> tuple[int, ...]:
        """Lay uint8 images ``(N, H, W, 3)`` into ``slot``; answers the LR tensor's shape."""
        n, height, width, channels = lr.shape
        shape = (n, channels, height, width)
        pixels = self.runner.lr[slot].view(shape)
        # Division, not multiplication by 1/255: what ToTensor does, to the last bit.
        np.divide(lr.transpose(0, 3, 1, 2), np.float32(255.0 / self.data_range), out=pixels)
        return shape

    def send(self, lr: NDArray[np.uint8], slot: int = 0) -> tuple[int, ...]:
        """Ask for the SR of uint8 images ``(N, H, W, 3)``; answers the LR tensor's shape."""
        shape = self.put(lr, slot)
        self.runner.send(requests.Forward(slot=slot, shape=shape))
        return shape

    def receive(self, shape: tuple[int, ...], slot: int = 0) -> Forward:
        """The SR for what :meth:`send` sent; raises RunnerFailure or RunnerRejected."""
        answer = self.runner.receive(Forwarded)
        return self._checked(answer, shape, slot)

    def forward(self, lr: NDArray[np.uint8], slot: int = 0) -> Forward:
        """Send and receive."""
        return self.receive(self.send(lr, slot), slot)

    def _checked(self, answer: Forwarded, shape: tuple[int, ...], slot: int) -> Forward:
        # The shape is checked first: nothing is read at a size that a submission made up.
        expected = check_shape(answer.shape, shape, self.scale)
        sr = self.runner.sr[slot].view(expected).copy()
        if self.trained:
            check_values(sr, self.data_range)
        return Forward(
            sr=sr,
            ms=answer.ms,
            dtype=answer.dtype,
            input_untouched=answer.input_untouched,
            flags=answer.flags,
        )
