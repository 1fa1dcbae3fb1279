"""One forward under the dispatcher's counter, on real tensors or on fake ones.

Fake tensors have shapes and no memory, so a count at 1280x720 of a large transformer takes seconds
and no gigabytes. The model itself is never touched: it is a fake copy that runs.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack

import torch
from torch import Tensor, nn

from esrbench.counting import compiler
from esrbench.counting.dispatch_counter import DispatchCounter
from esrbench.counting.eager import eager
from esrbench.counting.hook_counts import HookCounts, counting_hooks
from esrbench.counting.module_path import following
from esrbench.counting.outside_calls import OutsideCalls


class Pass:
    """The counts of one forward."""

    def __init__(
        self,
        counter: DispatchCounter,
        hooks: HookCounts,
        outside: OutsideCalls,
        answer: object,
        *,
        fake: bool = False,
    ) -> None:
        self.fake = fake
        """Whether its tensors had shapes and no values."""
        self.output_elements = answer.numel() if isinstance(answer, Tensor) else 0
        self.counts = counter.counts
        self.hooks = hooks
        self.provenance = counter.provenance
        self.outside = outside.seen
        """Calls that take values out of PyTorch: ``Tensor.numpy``, ``Tensor.data_ptr``."""

    def opaque(self) -> list[str]:
        """What this counter could not see through, in words."""
        named = (self.counts.opaque, self.provenance.unexplained, self.outside)
        return [f"{what} (x{count})" for seen in named for what, count in sorted(seen.items())]


def real_pass(model: nn.Module, example: Tensor) -> Pass:
    """Count a forward on the real input; raises whatever the model raises."""
    return _counted(model, example, look_inside=True)


def fake_pass(model: nn.Module, shape: torch.Size | tuple[int, ...], like: Tensor) -> Pass:
    """Count a forward at any shape without memory, with ``like``'s dtype and device.

    Raises whatever PyTorch or the model raises where a fake tensor will not do (values read in
    Python, operators with no shape rule); fall back on :func:`real_pass` then.
    """
    if not compiler.loaded():
        with contextlib.suppress(Exception), compiler.kept_out():
            return _faked(model, shape, like)
    return _faked(model, shape, like)


def _faked(model: nn.Module, shape: torch.Size | tuple[int, ...], like: Tensor) -> Pass:
    from torch._subclasses.fake_tensor import FakeTensorMode

    from esrbench.counting.ghosts import ghost_of

    fake_mode = FakeTensorMode(allow_non_fake_inputs=True)
    ghost = ghost_of(model, fake_mode)
    with fake_mode:
        example = torch.empty(tuple(shape), dtype=like.dtype, device=like.device)
        return _counted(ghost, example, look_inside=False)


def plain_pass(model: nn.Module, example: Tensor) -> Pass:
    """A forward with NTIRE's hooks only, for a model that the dispatcher's counter stops."""
    counter = DispatchCounter(model, example, [], look_inside=False)
    with torch.no_grad(), counting_hooks(model) as hooks:
        answer = model(example)
    return Pass(counter, hooks, OutsideCalls(), answer)


def arithmetic_of(call: Callable[[Tensor], object], example: Tensor) -> Counter[str]:
    """MACs of ``call(example)`` by precision, whatever modules it runs; empty where it fails so."""
    counter = DispatchCounter(nn.Module(), example, [], look_inside=False)
    with contextlib.suppress(Exception), torch.no_grad(), counter:
        call(example)
    return counter.counts.dtypes


def macs_at(model: nn.Module, shape: tuple[int, int, int, int], like: Tensor) -> int:
    """The dispatcher's MACs at another input shape: fake where the model allows, else real."""
    try:
        return fake_pass(model, shape, like).counts.macs
    except Exception:
        example = torch.zeros(shape, dtype=like.dtype, device=like.device)
        return real_pass(model, example).counts.macs


def _counted(model: nn.Module, example: Tensor, *, look_inside: bool) -> Pass:
    with ExitStack() as around:
        around.enter_context(torch.no_grad())
        around.enter_context(eager())
        hooks = around.enter_context(counting_hooks(model))
        stack = around.enter_context(following(model))
        counter = DispatchCounter(model, example, stack, look_inside=look_inside)
        outside = around.enter_context(OutsideCalls())
        around.enter_context(counter)
        answer = model(example)
    return Pass(counter, hooks, outside, answer, fake=not look_inside)
