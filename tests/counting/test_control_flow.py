"""Control flow of exported programs: what is taken is counted, operator by operator.

Numbers: 3x3 convolutions of three channels at 8x8, 9 * 9 * 64 MACs each.
"""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from esrbench.counting.count import count
from esrbench.counting.memory import peak_live_tensor_bytes

CONV = 9 * 9 * 64


class Branches(nn.Module):
    """One convolution for what is dark, two for what is bright."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return torch.cond(x.mean() > 0.5, lambda y: self.conv(self.conv(y)), self.conv, (x,))


@pytest.mark.parametrize(("level", "convs"), [(0.2, 1), (0.8, 2)])
def test_the_branch_that_is_taken_is_counted(level: float, convs: int) -> None:
    x = torch.full((1, 3, 8, 8), level)
    program = torch.export.export(Branches().eval(), (x,)).module()
    found = count(program, x)
    assert found.macs_dispatch == convs * CONV
    assert found.facts["convs_dispatch"] == convs
    assert not found.input_free
    # two images at once: what is read and what is written
    assert peak_live_tensor_bytes(lambda: program(x)) >= 4 * 3 * 64
