"""A copy of a network whose tensors have shapes and no memory."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeCopyMode, FakeTensorMode


class _Copying(FakeCopyMode):
    """Makes what is deep-copied while it is entered a tensor of ``fake_mode``.

    As torch's own, which imports the compiler, and DTensor, for what a plain tensor never needs.
    """

    def __torch_function__(
        self, func: Any, types: Any, args: Any = (), kwargs: Mapping[str, object] | None = None
    ) -> Any:
        """Plain tensors are made anew; the rest is torch's."""
        if func is Tensor.clone and _is_plain(args[0]):
            tensor: Tensor = args[0]
            with self.fake_mode:
                made = torch.empty_strided(
                    tensor.shape, tensor.stride(), dtype=tensor.dtype, device=tensor.device
                )
            return made.requires_grad_(tensor.requires_grad)
        if func in (Tensor.clone, Tensor.__deepcopy__):
            return super().__torch_function__(func, types, args, kwargs)
        with torch._C.DisableTorchFunctionSubclass():
            return func(*args, **(kwargs or {}))


def ghost_of(model: nn.Module, fake_mode: FakeTensorMode) -> nn.Module:
    """``model`` on tensors of ``fake_mode``; it stays as it is itself."""
    with _Copying(fake_mode):
        return copy.deepcopy(model)


def _is_plain(tensor: Tensor) -> bool:
    """Whether size, stride and type say all about it: no view, subclass, or other layout."""
    return (
        type(tensor) in (Tensor, nn.Parameter)
        and tensor.layout is torch.strided
        and not (tensor._is_view() or tensor.is_quantized or tensor.is_neg() or tensor.is_conj())
        and tensor.untyped_storage().nbytes() == tensor.numel() * tensor.element_size()
    )
