"""From a model's float output to the uint8 image that every metric is taken on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, overload

import numpy as np
from numpy.typing import NDArray

from esrbench.errors import SubmissionError

if TYPE_CHECKING:
    from torch import Tensor

_CHUNK = 1 << 16
"""Elements converted at a time: their float64 copies stay in the second-level cache."""


@overload
def to_uint8(sr: NDArray[Any], data_range: float) -> NDArray[np.uint8]: ...
@overload
def to_uint8(sr: Tensor, data_range: float) -> Tensor: ...


def to_uint8(sr: NDArray[Any] | Tensor, data_range: float) -> NDArray[np.uint8] | Tensor:
    """Clamp ``sr`` to ``[0, data_range]``, scale it to 255 and round half up to uint8.

    ``sr`` is floating point, of any shape; the result has that shape, and is a tensor on the same
    device where ``sr`` is a tensor. The product is taken in float64, so that a value is rounded up
    exactly when it is at least a half. uint8 comes back as it is.

    Raises SubmissionError where ``sr`` holds NaN; ValueError where ``data_range`` is not positive.
    """
    if data_range <= 0:
        raise ValueError(f"data_range is {data_range}; it must be positive, 1.0 or 255.0 as a rule")
    if isinstance(sr, np.ndarray):
        return sr if sr.dtype == np.uint8 else _array_to_uint8(sr, 255.0 / data_range)
    return _tensor_to_uint8(sr, 255.0 / data_range)


def _array_to_uint8(sr: NDArray[Any], scale: float) -> NDArray[np.uint8]:
    flat = np.ascontiguousarray(sr).reshape(-1)
    out = np.empty(flat.shape, dtype=np.uint8)
    for start in range(0, flat.size, _CHUNK):
        value = flat[start : start + _CHUNK].astype(np.float64)
        value *= scale
        value += 0.5
        lowest = value.min()
        if lowest != lowest:
            raise SubmissionError(_NAN)
        np.clip(value, 0.0, 255.0, out=value)
        out[start : start + _CHUNK] = value  # truncates, which is floor here
    return out.reshape(sr.shape)


def _tensor_to_uint8(sr: Tensor, scale: float) -> Tensor:
    import torch

    if sr.dtype == torch.uint8:
        return sr
    value = sr.detach().to(torch.float64)
    if bool(torch.isnan(value).any()):
        raise SubmissionError(_NAN)
    return value.mul(scale).add_(0.5).clamp_(0.0, 255.0).to(torch.uint8)


_NAN = "The output holds NaN; it must be finite to be scored."
