"""What a runner holds between two requests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor

from esrbench.errors import SubmissionError
from esrbench.runner.model import LoadedModel
from esrbench.runner.shared import SharedArray
from esrbench.timing.clock import Clock, CpuClock


@dataclass
class Session:
    """The shared arrays, one LR and one SR a slot, and what has been loaded so far."""

    lr: list[SharedArray]
    sr: list[SharedArray]
    loaded: LoadedModel | None = None
    clock: Clock = field(default_factory=CpuClock)
    timing_inputs: list[Tensor] = field(default_factory=list)
    """``(1, 3, H, W)`` each, on the device: what timed calls take their inputs from."""
    graph: Callable[[Tensor], Tensor] | None = None
    """The model captured for the inputs above, once the policy ``graph`` has asked for it."""

    def model(self) -> LoadedModel:
        """The loaded submission; raises SubmissionError when there is none."""
        if self.loaded is None:
            raise SubmissionError("No submission is loaded.")
        return self.loaded

    def lr_tensor(self, slot: int, shape: tuple[int, ...]) -> Tensor:
        """A copy of the first ``prod(shape)`` floats in ``slot``, on the model's device."""
        pixels = torch.from_numpy(self.lr[slot].view(shape).copy())
        return pixels.to(self.model().device)

    def give_sr(self, slot: int, sr: Tensor, start: int = 0) -> tuple[int, ...]:
        """Put ``sr`` into ``slot`` as float32, ``start`` floats from its beginning; answers its
        shape."""
        pixels = sr.detach().to("cpu", torch.float32)
        self.sr[slot].view(tuple(pixels.shape), start)[...] = pixels.numpy()
        return tuple(pixels.shape)
