"""Counts by module hooks: NTIRE's activations, conv calls and MACs of 2022 and 2023; ARM's MACs.

Only calls of modules count: what a forward does with functions is not seen, by definition. Each
call counts, so a module used twice counts twice.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

_CONVOLUTIONS = (nn.Conv2d, nn.ConvTranspose2d)
_RELU_FAMILY = (nn.ReLU, nn.PReLU, nn.ELU, nn.LeakyReLU, nn.ReLU6)


@dataclass
class HookCounts:
    """Counts of one forward."""

    activations: int = 0
    """Output elements of Conv2d and ConvTranspose2d modules."""
    convs: int = 0
    """Calls of Conv2d and ConvTranspose2d modules."""
    macs_2022: int = 0
    """The "FLOPs" of NTIRE 2022 and 2023 (see :func:`macs_2022`)."""
    macs_arm: int = 0
    """Half the "FLOPs" of ARM, PCSR and those who count like them (see :func:`macs_arm`)."""


@contextlib.contextmanager
def counting_hooks(model: nn.Module) -> Iterator[HookCounts]:
    """Hooks on every submodule while the ``with`` lasts; run forwards inside."""
    counts = HookCounts()

    def after(module: nn.Module, inputs: tuple[Tensor, ...], output: Any) -> None:
        if not isinstance(output, Tensor) or not inputs:
            return
        if isinstance(module, _CONVOLUTIONS):
            counts.activations += output.numel()
            counts.convs += 1
        counts.macs_2022 += macs_2022(module, inputs[0], output)
        counts.macs_arm += macs_arm(module, inputs[0], output)

    # TorchScript modules take no hooks.
    modules = [m for m in model.modules() if not isinstance(m, torch.jit.ScriptModule)]
    handles = [module.register_forward_hook(after) for module in modules]
    try:
        yield counts
    finally:
        for handle in handles:
            handle.remove()


def macs_2022(module: nn.Module, x: Tensor, output: Tensor) -> int:
    """One module call by NTIRE 2022's hook counter.

    A convolution: kernel x Cin x Cout / groups x *output* positions, no bias, transposed ones too.
    ReLU, PReLU, ELU, LeakyReLU and ReLU6: their output elements. BatchNorm2d: its elements, twice
    if affine. A linear layer: batch x shape[1] of input and output, which is right for two
    dimensions and far too little for channels-last maps. Everything else: nothing.
    """
    if isinstance(module, nn.Conv2d | nn.ConvTranspose2d | nn.Conv3d):
        kernel = 1
        for side in module.kernel_size:
            kernel *= side
        places = output.numel() // output.shape[1]
        return kernel * module.in_channels * (module.out_channels // module.groups) * places
    if isinstance(module, _RELU_FAMILY):
        return output.numel()
    if isinstance(module, nn.Linear):
        return x.shape[0] * x.shape[1] * output.shape[1]
    if isinstance(module, nn.BatchNorm2d):
        return x.numel() * (2 if module.affine else 1)
    return 0


def macs_arm(module: nn.Module, x: Tensor, output: Tensor) -> int:
    """One module call by the counter of ARM (arXiv 2203.10812), which PCSR took over; its "FLOPs"
    are twice this.

    A convolution: kernel x channels that came in / groups x channels that went out x *output*
    positions. Of a transposed one that is the square of its stride too many. A linear layer: its
    weights for each vector. Norms and activation functions, a few thousandths, are left out.
    """
    if isinstance(module, _CONVOLUTIONS):
        height, width = module.kernel_size
        return height * width * (x.shape[1] // module.groups) * output.numel()
    if isinstance(module, nn.Linear):
        return module.in_features * output.numel()
    return 0
