"""A device to ask: the fake, and the real one where there is one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import torch

from .cuda import FakeCuda
from .machine import FakeMachine, fake_machine

CYCLES_A_MS = 1_500_000
"""Of a GPU's clock, about: no test depends on how long a kernel takes exactly."""


@dataclass(frozen=True)
class Bed:
    """``torch.cuda`` or what stands for it, and a kernel of so many milliseconds."""

    cuda: Any
    launch: Callable[[float], object]


@pytest.fixture(params=["fake", pytest.param("real", marks=pytest.mark.cuda)])
def bed(request: pytest.FixtureRequest) -> Bed:
    """The same question to both."""
    if request.param == "fake":
        cuda = FakeCuda()
        return Bed(cuda, cuda.launch)
    if not torch.cuda.is_available():
        pytest.skip("needs a CUDA device")
    torch.cuda.synchronize()
    return Bed(torch.cuda, lambda ms: torch.cuda._sleep(int(ms * CYCLES_A_MS)))


@pytest.fixture
def gpu() -> Iterator[FakeMachine]:
    """A machine with one fake GPU, whose time is the host's."""
    with fake_machine() as fake:
        yield fake


@pytest.fixture
def two_gpus() -> Iterator[FakeMachine]:
    """... with two."""
    with fake_machine(devices=2) as fake:
        yield fake
