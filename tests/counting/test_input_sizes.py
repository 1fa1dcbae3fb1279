"""Models with a known smallest size or multiple."""

from __future__ import annotations

import pytest
from torch.nn import functional as F

from esrbench.counting.input_sizes import input_sizes, works

from .nets import Calls, TinySR


def pooled(x):
    """ESA's stride and pool need 15 pixels: (15 - 3) // 2 + 1 = 7."""
    small = F.max_pool2d(F.avg_pool2d(x, 3, 2), 7, 3)
    return F.interpolate(x + F.interpolate(small, x.shape[2:]), scale_factor=2)


def windows(x):
    """Windows of eight pixels, as a transformer without padding has them."""
    h, w = x.shape[2:]
    x = x.reshape(1, 3, h // 8, 8, w // 8, 8).reshape(1, 3, h, w)
    return F.interpolate(x, scale_factor=2)


def drops_odd_pixels(x):
    return F.interpolate(F.avg_pool2d(x, 2), scale_factor=4)


@pytest.mark.parametrize(
    ("model", "smallest", "multiple"),
    [
        (TinySR(), 1, 1),
        (Calls(pooled), 15, 1),
        (Calls(windows), 8, 8),
        (Calls(drops_odd_pixels), 2, 2),
        (Calls(lambda x: pooled(windows(x)[..., ::2, ::2])), 16, 8),
        (Calls(lambda x: F.interpolate(x, scale_factor=3)), None, None),  # x3 where x2 is asked
        (Calls(lambda x: F.interpolate(x, scale_factor=2) / 0), None, None),  # infinite
    ],
)
def test_input_sizes(model, smallest, multiple):
    found = input_sizes(model.eval(), 2, largest=32)
    assert (found.smallest, found.multiple) == (smallest, multiple)


def test_failing_sizes_are_listed():
    assert input_sizes(Calls(drops_odd_pixels), 2).failing == tuple(range(3, 27, 2))


def test_oblong_inputs():
    assert works(Calls(windows), 2, 8, 24)
    assert not works(Calls(windows), 2, 8, 20)
