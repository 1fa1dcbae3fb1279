"""Where the values in each piece of memory come from, followed through a forward.

Kept per storage, so that views and writes in place need no special case: whether the values depend
on the input, on parameters, on stored constants (buffers, attributes, tensors from outside) or on
nothing (made by an operator out of a size), how many weighted layers they have passed, and whether
anything the dispatcher saw has written them at all.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from torch import Tensor
from torch.utils.weak import WeakIdKeyDictionary

GENERATED, STORED, PARAMETER, DATA = 0, 1, 2, 3


@dataclass
class Origin:
    """What is known of one storage."""

    kind: int
    """The strongest that went in, of the four from :data:`GENERATED` to :data:`DATA`."""
    depth: int = 0
    """Weighted layers on the longest path from the input."""
    written: bool = True
    """False for memory allocated empty that no operator has filled yet."""


class Origins:
    """Origins by storage; forgets a storage with its memory."""

    def __init__(self) -> None:
        # Plain weak references: the values need no revival, and a freed storage must go.
        self._known = WeakIdKeyDictionary(ref_type=weakref.ref)

    def __getitem__(self, tensor: Tensor) -> Origin | None:
        """The tensor's origin; None where no operator or module is known to have made it."""
        storage = _storage(tensor)
        if storage is None:
            return Origin(DATA)
        origin: Origin | None = self._known.get(storage)  # type: ignore[no-untyped-call]
        return origin

    def note(self, tensor: Tensor, origin: Origin) -> None:
        """Remember a new storage."""
        storage = _storage(tensor)
        if storage is not None:
            self._known[storage] = origin

    def merged(self, tensors: Iterable[Tensor]) -> Origin:
        """The strongest kind and the greatest depth among the tensors."""
        origins = [o for o in (self[t] for t in tensors) if o is not None]
        kind = max((o.kind for o in origins), default=GENERATED)
        return Origin(kind, max((o.depth for o in origins), default=0))


def _storage(tensor: Tensor) -> Any:
    try:
        return tensor.untyped_storage()
    except (NotImplementedError, RuntimeError):
        return None
