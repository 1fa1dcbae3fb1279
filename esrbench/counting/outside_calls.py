"""Notices calls that hand a tensor's memory to something other than PyTorch's operators."""

from __future__ import annotations

from collections import Counter
from typing import Any

from torch.overrides import TorchFunctionMode

_HANDS_OVER = frozenset(
    ("numpy", "__array__", "__array_wrap__", "data_ptr", "__dlpack__", "const_data_ptr")
)


class OutsideCalls(TorchFunctionMode):
    """While entered, counts calls of ``Tensor.numpy``, ``Tensor.data_ptr`` and their like."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: Counter[str] = Counter()

    def __torch_function__(
        self, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        """Pass the call on, noting its name."""
        name = getattr(func, "__name__", "")
        if name in _HANDS_OVER:
            self.seen[f"Tensor.{name}"] += 1
        return func(*args, **(kwargs or {}))
