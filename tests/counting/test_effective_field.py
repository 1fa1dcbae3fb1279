"""Gradients of networks whose weights are known."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from esrbench.counting.effective_field import effective_field, smooth_noise
from esrbench.errors import UnavailableError

from .nets import Calls, TinySR


def box(side):
    """Averages over a square, each channel by itself."""
    layer = nn.Conv2d(3, 3, side, padding=side // 2, groups=3, bias=False)
    nn.init.constant_(layer.weight, 1 / side**2)
    return layer


def test_a_box_is_flat_and_as_wide_as_its_kernel():
    field = effective_field(box(5), side=16)
    expected = np.zeros((16, 16))
    expected[6:11, 6:11] = 1 / 25
    np.testing.assert_allclose(field.map, expected, atol=1e-7)
    assert (field.side_95, field.side_99) == (5, 5)


def test_two_boxes_are_wider_than_their_mass():
    # 5x5 twice: a 9x9 pyramid whose outer ring holds 1 - (23/25)^2 = 15%, the inner 7x7 the rest.
    field = effective_field(nn.Sequential(box(5), box(5)), side=16)
    assert field.map.sum() == pytest.approx(1, abs=1e-6)
    assert (field.side_95, field.side_99) == (9, 9)
    assert field.map[5:12, 5:12].sum() == pytest.approx((23 / 25) ** 2, abs=1e-6)


def test_super_resolution_follows_one_lr_pixels_outputs():
    field = effective_field(TinySR().eval(), side=16)
    assert field.side_99 <= 5
    assert field.map[6:11, 6:11].sum() == pytest.approx(1, abs=1e-6)
    assert set(field.as_dict()) == {"map", "side_95", "side_99"}


@pytest.mark.parametrize(
    ("function", "reason"),
    [(lambda x: x.detach() + 1, "no gradient"), (lambda x: x * 0, "no gradient reaches")],
)
def test_no_gradient_is_said(function, reason):
    with pytest.raises(UnavailableError, match=reason):
        effective_field(Calls(function), side=8)


def test_the_model_is_left_as_it_was():
    model = TinySR().eval()
    effective_field(model, side=8)
    assert all(parameter.grad is None for parameter in model.parameters())


def test_inputs_are_in_range_and_always_the_same():
    first, again = smooth_noise(2, 32, 255.0), smooth_noise(2, 32, 255.0)
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    assert all(0 <= float(x.min()) < float(x.max()) <= 255 for x in first)
    assert float(first[0].max()) > 100
