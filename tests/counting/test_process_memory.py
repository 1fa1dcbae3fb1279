"""How much a call makes its process grow, for memory that torch does not see."""

from __future__ import annotations

import sys

import numpy as np
import pytest
import torch

from esrbench.counting.memory import peak_live_tensor_bytes
from esrbench.counting.process_memory import growth

MIB = 2**20
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@pytest.mark.parametrize("mebibytes", [40, 160])
def test_what_numpy_takes_shows(mebibytes: int) -> None:
    found = growth(lambda: np.ones(mebibytes * MIB, dtype=np.uint8).sum())
    assert found == pytest.approx(mebibytes * MIB, rel=0.2)


def test_a_peak_of_before_does_not_show() -> None:
    np.ones(200 * MIB, dtype=np.uint8).sum()
    assert growth(lambda: np.ones(50 * MIB, dtype=np.uint8).sum()) < 100 * MIB


def test_tensors_that_leave_torch_are_not_counted_as_if_they_were_all() -> None:
    x = torch.ones(1000)
    assert peak_live_tensor_bytes(lambda: torch.from_numpy(np.sqrt(x.numpy()))) is None
    assert peak_live_tensor_bytes(lambda: x.sqrt()) == 4000


def test_arrays_beside_the_tensors_are_not_left_out() -> None:
    """Scratch memory of numpy that no tensor touches, and tensors made of arrays."""
    x = torch.ones(1000)
    assert peak_live_tensor_bytes(lambda: x * float(np.ones(64 * MIB, np.uint8)[0])) is None
    assert peak_live_tensor_bytes(lambda: x + torch.from_numpy(np.ones(8 * MIB)).sum()) is None
    assert peak_live_tensor_bytes(lambda: x * float(np.ones(1000)[0])) == 4000


def test_a_long_forward_is_not_taken_for_arrays() -> None:
    x = torch.ones(10)
    assert peak_live_tensor_bytes(lambda: sum([x + i for i in range(3000)], x)) is not None
