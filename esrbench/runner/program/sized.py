"""Operators whose sizes torch's exporter would take for constants.

``adaptive_max_pool2d`` to a share of the input's height and width is in every network of SAFMN's
family. Its schema knows plain numbers only, so that the exported graph would be one of a single
size. While a network is exported, an operator of the same result stands in for it whose sizes may
depend on the input's; the graph that is written names torch's own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.overrides import TorchFunctionMode

_LIBRARY = torch.library.Library("esrbench", "DEF")
_LIBRARY.define("adaptive_max_pool2d(Tensor x, SymInt height, SymInt width) -> Tensor")


def _pooled(x: Tensor, height: int, width: int) -> Tensor:
    pooled: Tensor = F.adaptive_max_pool2d(x, (int(height), int(width)))
    return pooled


def _shaped(x: Tensor, height: int, width: int) -> Tensor:
    return x.new_empty((*x.shape[:-2], height, width))


_LIBRARY.impl("adaptive_max_pool2d", _pooled, "CompositeExplicitAutograd")
torch.library.register_fake("esrbench::adaptive_max_pool2d", _shaped, lib=_LIBRARY)
STANDS_IN = torch.ops.esrbench.adaptive_max_pool2d.default
"""For ``aten.adaptive_max_pool2d`` of ``[height, width]``, whose first result is the image."""
_NAMED = F.adaptive_max_pool2d
"""Before a submission could replace it."""


class Sized(TorchFunctionMode):
    """While it is entered, sizes that come of the input's are kept as such."""

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Iterable[type],
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """``func`` itself, but for what :data:`STANDS_IN` is there for."""
        given = dict(kwargs or {})
        if func is _NAMED and not given.get("return_indices"):
            x, size = (*args, given.get("output_size"))[:2]
            both = size if isinstance(size, (tuple, list)) else (size, size)
            if any(isinstance(side, torch.SymInt) for side in both) and None not in both:
                return STANDS_IN(x, *both)
        return func(*args, **given)
