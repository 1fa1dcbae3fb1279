"""Submissions that hide their convolutions: each is named and flagged, never passed over."""

from __future__ import annotations

import ctypes

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from esrbench.counting.count import count

from .nets import HIDDEN_MACS, HONEST_MACS, Hidden

PIXELS = 32 * 32


@torch.library.custom_op("esrbench_test::conv", mutates_args=())
def custom_conv(x: Tensor, weight: Tensor) -> Tensor:
    return F.conv2d(x, weight, padding=1)


@torch.library.custom_op("esrbench_test::conv_with_shape", mutates_args=())
def custom_conv_with_shape(x: Tensor, weight: Tensor) -> Tensor:
    return F.conv2d(x, weight, padding=1)


@custom_conv_with_shape.register_fake
def _(x: Tensor, weight: Tensor) -> Tensor:
    return x.new_empty(x.shape[0], weight.shape[0], *x.shape[2:])


class ConvFunction(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, weight):
        return F.conv2d(x, weight, padding=1)


def through_numpy(x: Tensor, weight: Tensor) -> Tensor:
    """The convolution done by numpy."""
    patches = np.lib.stride_tricks.sliding_window_view(
        np.pad(x.numpy(), ((0, 0), (0, 0), (1, 1), (1, 1))), (3, 3), axis=(2, 3)
    )
    return torch.from_numpy(np.einsum("bchwij,ocij->bohw", patches, weight.detach().numpy()))


def own_kernel(x: Tensor, weight: Tensor) -> Tensor:
    """What a compiled extension does: allocate, then fill by address."""
    out = x.new_empty(x.shape[0], weight.shape[0], *x.shape[2:])
    ctypes.memset(out.data_ptr(), 0, out.nbytes)
    return out + 0.0


def compiled(x: Tensor, weight: Tensor) -> Tensor:
    return F.conv2d(x, weight, padding=1)


def counted(convolve):
    return count(Hidden(convolve).eval(), torch.rand(1, 3, 32, 32))


@pytest.mark.parametrize(
    ("convolve", "named"),
    [
        (custom_conv, "esrbench_test::conv (x1)"),
        (custom_conv_with_shape, "esrbench_test::conv_with_shape (x1)"),
        (ConvFunction.apply, "autograd.Function ConvFunction (x1)"),
        (through_numpy, "Tensor.numpy (x2)"),
        (through_numpy, "a tensor made outside the model's operators (x1)"),
        (own_kernel, "Tensor.data_ptr (x1)"),
        (own_kernel, "memory filled outside the dispatcher (x1)"),
    ],
)
def test_named_and_flagged(convolve, named):
    counts = counted(convolve)
    assert named in counts.opaque_ops
    assert "opaque-ops" in counts.flags


@pytest.mark.parametrize("convolve", [custom_conv, custom_conv_with_shape, ConvFunction.apply])
def test_what_fvcore_loses_the_dispatcher_has(convolve):
    counts = counted(convolve)
    assert counts.macs == HONEST_MACS * PIXELS
    assert counts.macs_dispatch == (HONEST_MACS + HIDDEN_MACS) * PIXELS
    assert "counters-differ" in counts.flags
    assert str(HIDDEN_MACS * PIXELS) in " ".join(counts.facts["counters_differ"]) or (
        str((HONEST_MACS + HIDDEN_MACS) * PIXELS) in " ".join(counts.facts["counters_differ"])
    )


def test_a_compiled_function_is_named_and_counted_as_written():
    counts = counted(torch.compile(compiled, backend="eager"))
    assert "torch.compile convolve at the model" in counts.opaque_ops
    assert counts.macs_dispatch == (HONEST_MACS + HIDDEN_MACS) * PIXELS
    assert (counts.macs is None) == ("macs" in counts.missing)  # the tracer refuses compiled code


def test_an_honest_functional_convolution_is_not_flagged():
    counts = counted(compiled)
    assert counts.flags == ()
    assert counts.macs == counts.macs_dispatch == (HONEST_MACS + HIDDEN_MACS) * PIXELS


def test_attention_is_what_parts_the_counters():
    def attend(x, weight):
        q = x.flatten(2).mT[:, None]
        return F.scaled_dot_product_attention(q, q, q)[:, 0].mT.reshape(x.shape).repeat(1, 4, 1, 1)

    counts = counted(attend)
    assert counts.flags == ("counters-differ",)
    assert "aten::scaled_dot_product_attention" in counts.unsupported_ops
    assert counts.macs_dispatch - counts.macs == 6 * PIXELS**2


def by_shifts(x: Tensor, weight: Tensor) -> Tensor:
    """A convolution as multiplications and additions of shifted images."""
    padded = F.pad(x, (1, 1, 1, 1))
    h, w = x.shape[-2:]
    parts = [
        (weight[:, :, i, j][None, :, :, None, None] * padded[:, None, :, i : i + h, j : j + w]).sum(
            2
        )
        for i in range(3)
        for j in range(3)
    ]
    return torch.stack(parts).sum(0)


def one_by_one(x: Tensor, weight: Tensor) -> Tensor:
    """The same without a tensor larger than its output, and without a sum."""
    padded = F.pad(x, (1, 1, 1, 1))
    h, w = x.shape[-2:]
    out = x.new_zeros(x.shape[0], weight.shape[0], h, w)
    for c in range(weight.shape[1]):
        for i in range(3):
            for j in range(3):
                shifted = padded[:, c : c + 1, i : i + h, j : j + w]
                out = torch.addcmul(out, shifted, weight[:, c, i, j][:, None, None])
    return out


@pytest.mark.parametrize("convolve", [by_shifts, one_by_one])
def test_a_convolution_taken_apart_into_products_is_flagged(convolve):
    counts = count(Hidden(convolve).eval(), torch.rand(1, 3, 32, 32))
    assert counts.macs_dispatch == HONEST_MACS * PIXELS, (
        "by convention products by element are no MACs"
    )
    assert "elementwise-work" in counts.flags


def test_an_honest_network_does_little_by_element():
    counts = count(
        Hidden(lambda x, weight: F.conv2d(x, weight, padding=1)).eval(), torch.rand(1, 3, 32, 32)
    )
    assert counts.flags == ()
