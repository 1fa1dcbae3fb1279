"""Multiply-adds of each operator the dispatcher can show, from the shapes it was called with.

One function a family, one row an operator (:data:`FORMULAS`): to add an operator, add a row. A
formula gets the operator's arguments as the dispatcher has them and its output, and returns MACs.
Biases, activations, normalisation and pooling are no MACs here; :mod:`operator_kinds` sorts them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Family = Literal[
    "convolution", "matmul", "attention", "recurrent", "resample", "fft", "opaque operators"
]
Arguments = Sequence[Any]
Formula = Callable[[Arguments, Any], int]


@dataclass(frozen=True)
class OperatorRow:
    """How an operator is counted."""

    family: Family
    formula: Formula


def _numel(tensor: Any) -> int:
    return int(math.prod(tensor.shape))


def convolution(args: Arguments, out: Any) -> int:
    """Kernel elements x positions; a transposed one is counted per *input* position."""
    x, weight, transposed = args[0], args[1], bool(args[6])
    batched = x.dim() == weight.dim()
    places = (x if transposed else out).shape[2 if batched else 1 :]
    images = int(x.shape[0]) if batched else 1
    return int(images * math.prod(weight.shape) * math.prod(places))


def deform_conv(args: Arguments, out: Any) -> int:
    """The products of the convolution plus 4 MACs for each bilinear sample (torchvision)."""
    weight, offset = args[1], args[2]
    samples = _numel(offset) // 2 * (args[0].shape[1] // int(args[12]))
    return int(_numel(out) * math.prod(weight.shape[1:]) + 4 * samples)


def product(a: int, b: int) -> Formula:
    """Matrix product of arguments ``a`` (..., n, k) and ``b`` (..., k, m); n*k*m, times batch."""

    def count(args: Arguments, out: Any) -> int:
        left, right = args[a], args[b]
        return _numel(left) * (right.shape[-1] if right.dim() > 1 else 1)

    return count


def linear(args: Arguments, out: Any) -> int:
    """``x`` (..., k) by ``weight`` (m, k)."""
    return _numel(args[0]) * int(args[1].shape[0])


def dot(args: Arguments, out: Any) -> int:
    """Two vectors."""
    return _numel(args[0])


def attention(args: Arguments, out: Any) -> int:
    """QK' and the weighted sum of V; a causal mask is not discounted, softmax is no MAC."""
    query, key, value = args[0], args[1], args[2]
    rows = math.prod(query.shape[:-1])
    return int(rows * key.shape[-2] * (query.shape[-1] + value.shape[-1]))


def recurrent(weights: slice) -> Formula:
    """Each matrix among the ``weights`` times one vector, for each step of each sequence.

    What a cell does element by element is no MAC. Of two directions oneDNN gets one at a time.
    """

    def count(args: Arguments, out: Any) -> int:
        given = [w for a in args[weights] for w in (a if isinstance(a, list | tuple) else [a])]
        steps = _numel(args[0]) // args[0].shape[-1]
        return int(steps * sum(_numel(w) for w in given if w.dim() == 2))

    return count


def taps(per_output: int) -> Formula:
    """Resampling with a fixed number of taps for each output element."""

    def count(args: Arguments, out: Any) -> int:
        return per_output * _numel(out)

    return count


def antialiased(support: int) -> Formula:
    """Resampling whose kernel widens as the image shrinks: ``support`` taps a side at scale 1."""

    def count(args: Arguments, out: Any) -> int:
        x = args[0]
        sides = [
            math.ceil(support * max(1.0, x.shape[axis] / out.shape[axis])) for axis in (-2, -1)
        ]
        # Separable: along the rows first, then along the columns.
        between = math.prod(x.shape[:-1]) * out.shape[-1]
        return int(between * sides[1] + _numel(out) * sides[0])

    return count


def grid_sample(args: Arguments, out: Any) -> int:
    """Taps by interpolation mode: bilinear 4, nearest 0, bicubic 16."""
    return {0: 4, 1: 0, 2: 16}.get(int(args[2]), 4) * _numel(out)


def grid_sample_3d(args: Arguments, out: Any) -> int:
    """Taps by interpolation mode: trilinear 8, nearest 0."""
    return {0: 8, 1: 0}.get(int(args[2]), 8) * _numel(out)


def fourier(factor: int) -> Formula:
    """``factor`` * n log2 n real multiplications for each transform of n points (radix 2).

    A complex transform has n/2 log2 n butterflies of one complex multiplication (4 real ones);
    a real one has half of that.
    """

    def count(args: Arguments, out: Any) -> int:
        full = args[0] if _numel(args[0]) >= _numel(out) else out
        points = math.prod(full.shape[axis] for axis in args[1])
        transforms = _numel(full) // points
        return round(transforms * factor * points * math.log2(points)) if points > 1 else 0

    return count


_CONVOLUTIONS = ("convolution", "_convolution", "convolution_overrideable")
_ATTENTIONS = (
    "_scaled_dot_product_flash_attention",
    "_scaled_dot_product_flash_attention_for_cpu",
    "_scaled_dot_product_efficient_attention",
    "_scaled_dot_product_cudnn_attention",
    "_scaled_dot_product_fused_attention_overrideable",
    "_scaled_dot_product_attention_math",
)

FORMULAS: dict[str, OperatorRow] = {
    **{f"aten::{name}": OperatorRow("convolution", convolution) for name in _CONVOLUTIONS},
    "torchvision::deform_conv2d": OperatorRow("convolution", deform_conv),
    "aten::mm": OperatorRow("matmul", product(0, 1)),
    "aten::bmm": OperatorRow("matmul", product(0, 1)),
    "aten::mv": OperatorRow("matmul", product(0, 1)),
    "aten::_int_mm": OperatorRow("matmul", product(0, 1)),
    "aten::_scaled_mm": OperatorRow("matmul", product(0, 1)),
    "aten::addmm": OperatorRow("matmul", product(1, 2)),
    "aten::addmm_": OperatorRow("matmul", product(1, 2)),
    "aten::_addmm_activation": OperatorRow("matmul", product(1, 2)),
    "aten::baddbmm": OperatorRow("matmul", product(1, 2)),
    "aten::baddbmm_": OperatorRow("matmul", product(1, 2)),
    "aten::addbmm": OperatorRow("matmul", product(1, 2)),
    "aten::addmv": OperatorRow("matmul", product(1, 2)),
    "aten::linear": OperatorRow("matmul", linear),
    "aten::dot": OperatorRow("matmul", dot),
    "aten::vdot": OperatorRow("matmul", dot),
    **{f"aten::{name}": OperatorRow("attention", attention) for name in _ATTENTIONS},
    "aten::mkldnn_rnn_layer": OperatorRow("recurrent", recurrent(slice(1, 3))),
    "aten::_cudnn_rnn": OperatorRow("recurrent", recurrent(slice(1, 2))),
    "aten::upsample_linear1d": OperatorRow("resample", taps(2)),
    "aten::upsample_bilinear2d": OperatorRow("resample", taps(4)),
    "aten::upsample_trilinear3d": OperatorRow("resample", taps(8)),
    "aten::upsample_bicubic2d": OperatorRow("resample", taps(16)),
    "aten::_upsample_bilinear2d_aa": OperatorRow("resample", antialiased(2)),
    "aten::_upsample_bicubic2d_aa": OperatorRow("resample", antialiased(4)),
    "aten::grid_sampler_2d": OperatorRow("resample", grid_sample),
    "aten::grid_sampler_3d": OperatorRow("resample", grid_sample_3d),
    "aten::_fft_c2c": OperatorRow("fft", fourier(2)),
    "aten::_fft_r2c": OperatorRow("fft", fourier(1)),
    "aten::_fft_c2r": OperatorRow("fft", fourier(1)),
}
