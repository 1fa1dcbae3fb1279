"""A runner without a process: a module of a test's own, asked through the very same operations."""

from __future__ import annotations

import weakref
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

import torch
from torch import nn

from esrbench.judge.chance import Asking
from esrbench.judge.imaging import Imaging
from esrbench.runner.model import LoadedModel
from esrbench.runner.requests import Request
from esrbench.runner.serve import OPERATIONS
from esrbench.runner.session import Session
from esrbench.runner.shared import SharedArray


class InProcess:
    """What ``Imaging`` and its like need of a ``Runner``."""

    pids: ClassVar[list[int]] = []

    def __init__(self, module: nn.Module, scale: int = 1) -> None:
        self.lr = [SharedArray.create() for _ in range(2)]
        self.sr = [SharedArray.create() for _ in range(2)]
        self._session = Session(lr=self.lr, sr=self.sr)
        self._session.loaded = LoadedModel(
            module=module, call=module, scale=scale, multiple=1, min_size=1,
            device=torch.device("cpu"),
        )  # fmt: skip
        self._answers: deque[Any] = deque()
        weakref.finalize(self, _close, (*self.lr, *self.sr))

    def ask(self, request: Request[Any]) -> Any:
        """The answer of the operation."""
        with torch.no_grad():
            return OPERATIONS[request.op][1](self._session, request)

    def send(self, request: Request[Any]) -> None:
        """Answer at once, for :meth:`receive`."""
        self._answers.append(self.ask(request))

    def receive(self, _: type) -> Any:
        """The oldest answer."""
        return self._answers.popleft()


def _close(arrays: tuple[SharedArray, ...]) -> None:
    for array in arrays:
        array.close()


def asking(module: nn.Module, tolerance: float = 2e-5) -> Asking:
    """``module`` as it is asked for whole images, values in [0, 1], x1."""
    runner: Any = InProcess(module.eval())
    return Asking(Imaging(runner, 1, 1.0), tolerance)


def starting(make: Callable[[], nn.Module]) -> Any:
    """What starts the module anew, as a fresh process does."""

    @contextmanager
    def fresh() -> Iterator[Any]:
        yield InProcess(make().eval())

    return fresh
