"""The network with what its fork's ``model_type`` does around it. Runner only."""

from __future__ import annotations

import inspect
import math
from collections.abc import Iterable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from esrbench.errors import SubmissionError
from esrbench.submission.formats.repository.absent_parts import NotServed
from esrbench.submission.formats.repository.model_types import Fill

_ODD = (33, 37)
"""LR pixels that are a multiple of nothing."""
_MULTIPLES = (2, 4, 8, 12, 16, 24, 32, 48, 64, 128)


@dataclass(frozen=True)
class Sizes:
    """The LR sizes a network takes."""

    multiple: int = 1
    least: int = 1
    """The shortest side that is known to work."""


class Taking(nn.Module):
    """One of several outputs of ``network``, that which its fork's test takes."""

    def __init__(self, network: nn.Module, index: int) -> None:
        super().__init__()
        self.network = network
        self.index = index

    def forward(self, x: Tensor) -> Tensor:
        """The output; the only one where there is one."""
        made = self.network(x)
        chosen: Tensor = made[self.index] if isinstance(made, (tuple, list)) else made
        return chosen


class Padded(nn.Module):
    """``network`` on LR sizes filled up to a multiple, its SR cropped to what was asked for."""

    def __init__(
        self,
        network: nn.Module,
        scale: int,
        multiple: int,
        by: Fill,
        *,
        always: bool = False,
        least: int = 1,
    ) -> None:
        super().__init__()
        self.network = network
        self.scale = scale
        self.multiple = multiple
        self.by = by
        self.always = always
        self.least = least

    def forward(self, x: Tensor) -> Tensor:
        """SR ``(N, 3, H * scale, W * scale)`` for LR ``(N, 3, H, W)``."""
        height, width = x.shape[-2:]
        for dim, size in ((-2, height), (-1, width)):
            x = _filled(x, dim, self._missing(size), self.by)
        sr: Tensor = self.network(x)
        return sr[..., : height * self.scale, : width * self.scale]

    def _missing(self, size: int) -> int:
        added = max(0, self.least - size)
        added += -(size + added) % self.multiple
        return added or (self.multiple if self.always else 0)


def _filled(x: Tensor, dim: int, missing: int, by: Fill) -> Tensor:
    """``x`` with ``missing`` pixels more at the end of ``dim``; as often as it takes."""
    while missing > 0:
        size = x.shape[dim]
        added = min(missing, size - 1 if by == "reflect" and size > 1 else size)
        # `reflect` leaves the border pixel out, `mirror` begins with it.
        start = size - added - (1 if by == "reflect" and size > 1 else 0)
        x = torch.cat((x, x.narrow(dim, start, added).flip(dim)), dim=dim)
        missing -= added
    return x


def probed_sizes(
    network: nn.Module, scale: int, device: torch.device, windows: Iterable[int]
) -> Sizes:
    """The smallest multiple whose sizes ``network`` takes, or the least size where it takes any.

    ``windows`` are numbers among its arguments that may be one. Raises SubmissionError, with what
    the network raised, where it takes none.
    """
    _takes_an_image_alone(network)
    first = _fault(network, scale, *_ODD, device)
    if first is None:
        return Sizes()
    if first in _OF_NO_SIZE or first.startswith(_USES):
        raise SubmissionError(first)
    for multiple in sorted({*_MULTIPLES, *(w for w in windows if 1 < w <= 128)}):
        height, width = (math.ceil(side / multiple) * multiple for side in _ODD)
        width += multiple  # or both could be of a larger multiple
        if _fault(network, scale, height, width, device) is None:
            # One that pads by itself, by reflection, wants no multiple, but a size to reflect.
            larger = height > _ODD[0] and width > _ODD[1]
            if larger and _fault(network, scale, height + 3, width + 5, device) is None:
                return Sizes(least=height)
            return Sizes(multiple)
    raise SubmissionError(f"The network takes no LR image of {_ODD[0]}x{_ODD[1]}: {first}.")


def _takes_an_image_alone(network: nn.Module) -> None:
    """Raise SubmissionError where ``forward`` cannot do without more than an LR image."""
    inner = network.network if isinstance(network, Taking) else network
    parameters = list(inspect.signature(inner.forward).parameters.values())
    more = [p.name for p in parameters[1:] if p.default is p.empty and p.kind in _NAMED]
    if more:
        raise SubmissionError(
            f"forward() of {type(inner).__name__} takes {' and '.join(more)} besides the LR image, "
            "and what to give only the repository's own test knows. A model.py whose network hands "
            "it on can be measured."
        )


_NAMED = (
    inspect.Parameter.POSITIONAL_ONLY,
    inspect.Parameter.POSITIONAL_OR_KEYWORD,
    inspect.Parameter.KEYWORD_ONLY,
)
_ENLARGED_BEFORE = (
    "The network gives an image of the size that it is given: as VDSR it wants one that was "
    "enlarged beforehand, and here it is handed the LR image. A model.py that enlarges it first "
    "can be measured."
)
_COMPILES = (
    "The network has parts of itself compiled (torch.compile), for which there is a compiler only "
    "with --track compile."
)
_USES = "The network uses "
"""Something that is not there, whatever the size."""
_OF_NO_SIZE = (_ENLARGED_BEFORE, _COMPILES)
"""What is wrong whatever the size."""


def _fault(
    network: nn.Module, scale: int, height: int, width: int, device: torch.device
) -> str | None:
    """What is wrong with the network's answer at this size; None where nothing is."""
    lr = F.interpolate(torch.rand(1, 3, 8, 8, device=device), (height, width), mode="bilinear")
    try:
        with torch.no_grad():
            sr = network(lr)
    except torch.OutOfMemoryError:
        raise
    except NotServed as why:
        return f"{_USES}{str(why).removeprefix('uses ')}."
    except Exception as why:  # whatever a stranger's forward does with a size it does not like
        if any(kind.__module__.startswith("torch._inductor") for kind in type(why).__mro__):
            return _COMPILES
        return f"{type(why).__name__}: {' '.join(str(why).split())[:200]}"
    if not isinstance(sr, Tensor):
        return f"it returns {type(sr).__name__}, not one tensor"
    wanted = (1, 3, height * scale, width * scale)
    made = tuple(sr.shape)
    if made == wanted:
        return None
    if made == (1, 3, height, width):
        return _ENLARGED_BEFORE
    return f"{_times(made, height, width)}it returns {made}, not {wanted}"


def _times(made: tuple[int, ...], height: int, width: int) -> str:
    """``it is x2: `` where the output is a whole multiple of the input."""
    scale = made[-1] // width if len(made) == 4 else 0
    return f"it is x{scale}: " if scale and made[2:] == (height * scale, width * scale) else ""
