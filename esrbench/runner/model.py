"""A loaded submission as one call: LR in, SR out, checked for what only this side can see."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from esrbench.errors import SubmissionError


@dataclass(frozen=True)
class LoadedModel:
    """The submission's module with what its manifest says about sizes.

    Called with a float32 tensor ``(N, 3, H, W)`` on ``device`` it returns the module's own output,
    cropped to ``(N, 3, H * scale, W * scale)`` where the manifest asks for padding to a multiple
    or to a smallest size.
    """

    module: nn.Module
    """What is counted."""
    call: Callable[[Tensor], object]
    """What is run: the module as its track runs it."""
    scale: int
    multiple: int
    min_size: int
    device: torch.device
    cast: bool = False
    """Whether ``call`` runs a copy of the module in another precision."""

    def __call__(self, lr: Tensor) -> Tensor:
        """SR for ``lr`` ``(N, 3, H, W)``; raises SubmissionError for what is no image tensor."""
        height, width = lr.shape[-2:]
        down, right = self._missing(height), self._missing(width)
        if not down and not right:
            return self.checked(self.call(lr))
        # Reflection needs more pixels than it adds; the last pixels repeated always exist.
        mode = "reflect" if down < height and right < width else "replicate"
        sr = self.checked(self.call(F.pad(lr, (0, right, 0, down), mode=mode)))
        return sr[..., : height * self.scale, : width * self.scale]

    def _missing(self, size: int) -> int:
        """Pixels to add to ``size`` to reach the smallest legal size that holds it."""
        enough = max(size, self.min_size)
        return enough + -enough % self.multiple - size

    @staticmethod
    def checked(sr: object) -> Tensor:
        """``sr`` if it is a plain dense tensor; raises SubmissionError in words otherwise.

        A subclass could compute when it is read, after the clock has stopped, so the exact type
        is asked for.
        """
        if type(sr) is not Tensor:
            kind = type(sr).__name__
            raise SubmissionError(f"forward returned {kind}, it must return one torch.Tensor.")
        if sr.layout is not torch.strided:
            raise SubmissionError(f"forward returned a {sr.layout} tensor; return a dense one.")
        if not sr.is_floating_point():
            raise SubmissionError(
                f"forward returned {sr.dtype}; return floating point in [0, data_range]."
            )
        return sr
