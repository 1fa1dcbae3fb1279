"""NTIRE 2022's counter, one row a module (definitions: NTIRE.md)."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from esrbench.counting.hook_counts import counting_hooks

from .nets import Calls


@pytest.mark.parametrize(
    ("module", "shape", "macs"),
    [
        (nn.Conv2d(8, 12, 3, padding=1), (1, 8, 5, 7), 8 * 12 * 9 * 35),
        (nn.Conv2d(8, 12, (1, 5), groups=4), (2, 8, 5, 7), 8 * 3 * 5 * 2 * 5 * 3),
        (nn.ConvTranspose2d(8, 4, 2, stride=2), (1, 8, 5, 7), 8 * 4 * 4 * 140),
        *((relu, (1, 8, 5, 7), 280) for relu in (nn.ReLU(), nn.PReLU(), nn.LeakyReLU(), nn.ELU())),
        (nn.ReLU6(), (1, 8, 5, 7), 280),
        (nn.GELU(), (1, 8, 5, 7), 0),
        (nn.SiLU(), (1, 8, 5, 7), 0),
        (nn.BatchNorm2d(8), (1, 8, 5, 7), 560),
        (nn.BatchNorm2d(8, affine=False), (1, 8, 5, 7), 280),
        (nn.Linear(6, 9), (4, 6), 4 * 6 * 9),
        # Channels last, it multiplied the height with itself: NTIRE 2022's BSRN shows so.
        (nn.Linear(6, 9), (1, 5, 7, 6), 25),
        (Calls(F.relu), (1, 8, 5, 7), 0),
    ],
)
def test_macs_2022(module, shape, macs):
    module.eval()
    with counting_hooks(nn.Sequential(module)) as counts:
        module(torch.rand(shape))
    assert counts.macs_2022 == macs
