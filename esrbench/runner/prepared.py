"""Runner side: the call that runs a loaded module in one of the tracks.

A track turns the loaded module into the call that is scored and timed. Counting always looks at
the module itself: MACs do not depend on how they are computed. Input and output stay float32;
conversions are part of the call, since a user pays for them too.
"""

from __future__ import annotations

import copy
from collections.abc import Callable

import torch
from torch import Tensor, nn

from esrbench.errors import SubmissionError
from esrbench.tracks import Track

Call = Callable[[Tensor], object]


def _plain(module: nn.Module) -> Call:
    return module


def _in(module: nn.Module, dtype: torch.dtype) -> Call:
    # A copy: the module that is counted keeps its float32 weights.
    try:
        reduced = copy.deepcopy(module).to(dtype)
    except Exception as why:  # a module may hold anything: sessions, locks, generators
        raise SubmissionError(
            f"It cannot be run in {str(dtype).removeprefix('torch.')}, as its module cannot be "
            f"copied: {type(why).__name__}: {why}."
        ) from None

    def call(lr: Tensor) -> object:
        sr = reduced(lr.to(dtype))
        return sr.float() if type(sr) is Tensor else sr

    return call


def _channels_last(module: nn.Module) -> Call:
    # Sets strides only, in place; values and counts stay what they are.
    laid_out = module.to(memory_format=torch.channels_last)
    return lambda lr: laid_out(lr.contiguous(memory_format=torch.channels_last))


def _compiled(module: nn.Module) -> Call:
    if isinstance(module, torch.jit.ScriptModule):
        raise SubmissionError(
            "torch.compile takes no TorchScript: score the source or a .pt2 program, or leave out "
            "--track compile."
        )
    return torch.compile(module)


_OTHERWISE: dict[str, Callable[[nn.Module], Call]] = {
    "channels_last": _channels_last,
    "compile": _compiled,
}


def prepared(module: nn.Module, track: Track) -> Call:
    """What is called to run ``module`` in ``track``; raises SubmissionError where it cannot be.

    A track that only sets torch's switches (``runner/flags.py``) gives the module itself.
    """
    if track.copied:
        return _in(module, getattr(torch, track.operands))
    return _OTHERWISE.get(track.name, _plain)(module)
