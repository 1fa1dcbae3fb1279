"""A runner on the fake device: no process of its own, asked through the very same operations."""

from __future__ import annotations

import os
import tempfile
from collections import deque
from contextlib import ExitStack, nullcontext
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Any

import torch

from esrbench.counting.memory import rss_bytes
from esrbench.runner.requests import Request
from esrbench.runner.serve import OPERATIONS
from esrbench.runner.session import Session
from esrbench.runner.shared import SharedArray

from .cuda import FakeCuda
from .placed import Kernels

_ONE_AT_A_TIME = Lock()
"""Runners are processes of their own and load side by side; these share one."""
_ON_DEVICE = frozenset(
    ("Forward", "Memory", "GrowProcess", "Pool", "WarmUp", "TimeBlock", "Replay", "LookIntoLayers",
     "MeasureCeilings")
)  # fmt: skip
"""What is about time or memory. Under a mode that sees operators nothing can be traced, so that
those that count go without."""


class FakeRunner:
    """What the judge needs of ``judge.connection.Runner``; stands where it does."""

    def __init__(self, cuda: FakeCuda, *_: Any, **__: Any) -> None:
        self.lr = [SharedArray.create() for _ in range(2)]
        self.sr = [SharedArray.create() for _ in range(2)]
        self.session = Session(lr=self.lr, sr=self.sr)
        self.pids = [os.getpid()]
        self.pid = os.getpid()
        self._cuda = cuda
        self._answers: deque[Any] = deque()
        self._exit = ExitStack()
        self.outbox = Path(self._exit.enter_context(tempfile.TemporaryDirectory()))

    def ask(self, request: Request[Any]) -> Any:
        """The answer of the operation, its tensors on the fake device."""
        watched = request.op in _ON_DEVICE
        with _ONE_AT_A_TIME, torch.no_grad(), Kernels(self._cuda) if watched else nullcontext():
            return OPERATIONS[request.op][1](self.session, request)

    def send(self, request: Request[Any]) -> None:
        self._answers.append(self.ask(request))

    def receive(self, answer: type[Any], *, within: float | None = None) -> Any:
        return self._answers.popleft()

    def resident_bytes(self) -> int:
        return rss_bytes() or 0

    def close(self) -> None:
        self._exit.close()
        for array in (*self.lr, *self.sr):
            array.close()

    def __enter__(self) -> FakeRunner:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
