"""Depthwise convolutions in a fifth to a tenth of the time on a CPU, for the training loop alone.

The kernels in ``depthwise.cpp`` are compiled once with the machine's own C++ compiler (``CXX``,
else ``g++``) and kept in esrbench's cache; where there is none, PyTorch's convolution stays. Same
function, other order of summation: outputs and gradients agree to float32 rounding.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import platform
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from functools import cache
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from esrbench import bundled

SOURCE = Path(__file__).with_name("depthwise.cpp")
FLAGS = ("-O3", "-march=native", "-shared", "-fPIC", "-std=c++17")


def fast_depthwise(device: torch.device) -> AbstractContextManager[Any]:
    """Within it, depthwise convolutions on a CPU run on the compiled kernels, where there are any.

    One thread computes them, so that with more than one PyTorch's stay.
    """
    if device.type != "cpu" or torch.get_num_threads() > 1:
        return nullcontext()
    return _Rerouted()


class _Rerouted(TorchFunctionMode):
    """Sends the calls of ``conv2d`` that the kernels can do to them."""

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        kwargs = kwargs or {}
        if func is torch.conv2d and not kwargs and _fits(*args) and _kernels() is not None:
            x, weight, bias, _, _, dilation, _ = args
            return _Depthwise.apply(x, weight, bias, dilation[0])
        return func(*args, **kwargs)


def _fits(x: Tensor, weight: Tensor, *rest: Any) -> bool:
    """Whether it is depthwise, of stride 1, one dilation, and keeps the size."""
    if len(rest) != 5 or rest[4] == 1 or not (rest[4] == x.shape[1] == weight.shape[0]):
        return False
    _, stride, padding, dilation, _ = rest
    keeps = isinstance(padding, tuple) and all(
        size % 2 and pad == dilated * (size // 2)
        for size, pad, dilated in zip(weight.shape[2:], padding, dilation, strict=True)
    )
    same = set(stride) == {1} and len(set(dilation)) == 1
    return keeps and same and x.dim() == 4 and x.dtype == weight.dtype == torch.float32


class _Depthwise(torch.autograd.Function):
    """Of x (N, C, H, W), weight (C, 1, h, w), bias (C) or None; gradients of all three."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor | None, dilation: int) -> Tensor:
        x = x.contiguous(memory_format=torch.channels_last)
        taps = weight[:, 0].permute(1, 2, 0).contiguous()
        ctx.save_for_backward(x, taps)
        ctx.dilation, ctx.has_bias = dilation, bias is not None
        return _convolved(x, taps, bias, dilation)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Any:
        x, taps = ctx.saved_tensors
        g = gradients[0].contiguous(memory_format=torch.channels_last)
        dx = dw = None
        if ctx.needs_input_grad[0]:
            dx = _convolved(g, taps.flip(0, 1).contiguous(), None, ctx.dilation)
        if ctx.needs_input_grad[1]:
            dw = torch.zeros_like(taps)
            shape = _shape(x, taps, ctx.dilation)
            _library().depthwise_weight_gradient(_at(x), _at(g), _at(dw), shape)
            dw = dw.permute(2, 0, 1)[:, None]
        db = g.sum(dim=(0, 2, 3)) if ctx.has_bias and ctx.needs_input_grad[2] else None
        return dx, dw, db, None


def _convolved(x: Tensor, taps: Tensor, bias: Tensor | None, dilation: int) -> Tensor:
    y = torch.empty_like(x)
    bias = x.new_zeros(x.shape[1]) if bias is None else bias.contiguous()
    shape = _shape(x, taps, dilation)
    _library().depthwise_forward(_at(x), _at(taps), _at(bias), _at(y), shape)
    return y


def _shape(x: Tensor, taps: Tensor, dilation: int) -> Any:
    n, c, h, w = x.shape
    return (ctypes.c_long * 7)(n, h, w, c, taps.shape[0], taps.shape[1], dilation)


def _at(tensor: Tensor) -> ctypes.c_void_p:
    return ctypes.c_void_p(tensor.data_ptr())


def _library() -> ctypes.CDLL:
    found = _kernels()
    assert found is not None  # nothing is rerouted without them
    return found


@cache
def _kernels() -> ctypes.CDLL | None:
    """The compiled kernels; None where they cannot be had."""
    compiler = shutil.which(os.environ.get("CXX", "g++"))
    if compiler is None:
        return None
    with suppress(OSError):
        library = _compiled(compiler)
        return ctypes.CDLL(str(library)) if library else None
    return None


def _compiled(compiler: str) -> Path | None:
    """The library in esrbench's cache, made now if it is not there; None when it cannot be."""
    made_for = "\n".join([SOURCE.read_text(), compiler, *FLAGS, _processor()])
    library = bundled.cache() / "kernels" / f"{hashlib.sha256(made_for.encode()).hexdigest()}.so"
    if not library.is_file():
        library.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=library.parent) as folder:
            part = Path(folder) / library.name
            command = [compiler, *FLAGS, "-o", str(part), str(SOURCE)]
            if subprocess.run(command, capture_output=True).returncode:
                return None
            part.replace(library)
    return library


def _processor() -> str:
    """What ``-march=native`` means here: a cache may be shared by several machines."""
    listed = Path("/proc/cpuinfo")
    lines = listed.read_text().splitlines() if listed.is_file() else [platform.processor()]
    return next((line for line in lines if line.startswith(("flags", "Features"))), lines[0])
