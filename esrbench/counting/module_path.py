"""Which submodules a forward is in at the moment, for counts by module."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import torch
from torch import nn


@contextlib.contextmanager
def following(model: nn.Module) -> Iterator[list[str]]:
    """Inside the ``with``, the list holds the paths of the modules being called, outermost first.

    The model itself is not among them. A module called by its ``forward`` directly goes unseen, as
    do TorchScript modules, and what they do counts for the module around them.
    """
    stack: list[str] = []
    handles: list[Any] = []
    for path, module in model.named_modules():
        if not path or isinstance(module, torch.jit.ScriptModule):
            # TorchScript modules take no hooks.
            continue

        def enter(_module: nn.Module, _inputs: Any, path: str = path) -> None:
            stack.append(path)

        def leave(_module: nn.Module, _inputs: Any, _output: Any) -> None:
            stack.pop()

        handles.append(module.register_forward_pre_hook(enter))
        handles.append(module.register_forward_hook(leave))
    try:
        yield stack
    finally:
        for handle in handles:
            handle.remove()
