"""A machine with fake GPUs: everything of esrbench that would meet one meets these."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from types import ModuleType
from typing import cast
from unittest.mock import patch

from esrbench.judge import launch
from esrbench.runner import ceilings, torch_settings

from .cuda import FakeCuda, in_place_of_torch
from .host import Host, RealHost
from .nvml import FakeNvml
from .placed import placed
from .runner import FakeRunner


@dataclass(frozen=True)
class FakeMachine:
    """Its devices and its driver."""

    cuda: FakeCuda
    nvml: FakeNvml


@contextmanager
def _module(name: str, stand_in: object) -> Iterator[None]:
    """Only this one: what is imported meanwhile stays imported."""
    before = sys.modules.get(name)
    sys.modules[name] = cast(ModuleType, stand_in)
    try:
        yield
    finally:
        if before is None:
            del sys.modules[name]
        else:
            sys.modules[name] = before


@contextmanager
def fake_machine(devices: int = 1, host: Host | None = None) -> Iterator[FakeMachine]:
    """``torch.cuda``, ``pynvml`` and the judge's runners are fakes while entered."""
    cuda = FakeCuda(host or RealHost(), devices)
    nvml = FakeNvml(devices, cuda)
    with ExitStack() as stack:
        stack.enter_context(in_place_of_torch(cuda))
        stack.enter_context(placed(cuda))
        stack.enter_context(_module("pynvml", nvml))
        stack.enter_context(patch.object(launch, "Runner", partial(FakeRunner, cuda)))
        # The device itself is a mode of torch here, entered and left around what runs on it.
        stack.enter_context(patch.object(torch_settings, "_MODES", ()))
        # A CPU computes what the device is thought to: as much as fills one would take minutes.
        stack.enter_context(patch.dict(ceilings._SIZES, {"cuda": (64, 16)}))
        stack.enter_context(patch.multiple(ceilings, _COPY_BYTES=2**16, _TRY_SECONDS=0.01))
        yield FakeMachine(cuda, nvml)
