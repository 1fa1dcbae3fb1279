"""What forks take from an installed BasicSR, served by small parts of our own. Runner only.

BasicSR on PyPI cannot be imported beside today's torchvision, and its ``__init__`` wants OpenCV,
LMDB and compiled extensions; a network needs a registry, some initialisation and a few blocks.
They do what BasicSR documents (Apache 2.0, Wang et al.), and are written anew.
"""

from __future__ import annotations

import logging
import math
import warnings
from collections.abc import Callable, Iterable
from itertools import repeat
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm


class Registry:
    """Classes and functions by name; ``@REGISTRY.register()`` enters one."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._known: dict[str, Any] = {}

    def register(self, obj: Any = None, suffix: str | None = None) -> Any:
        """Enter ``obj``, or as a decorator what stands below; a later one of a name replaces."""

        def enter(made: Any) -> Any:
            name = made.__name__ if suffix is None else f"{made.__name__}_{suffix}"
            self._known[name] = made
            return made

        return enter if obj is None else enter(obj)

    def get(self, name: str, suffix: str = "basicsr") -> Any:
        """What was entered under ``name``; raises KeyError."""
        return self._known[name] if name in self._known else self._known[f"{name}_{suffix}"]

    def __contains__(self, name: str) -> bool:
        return name in self._known

    def keys(self) -> Iterable[str]:
        """The names."""
        return self._known.keys()


def default_init_weights(
    module_list: Any, scale: float = 1, bias_fill: float = 0, **kwargs: Any
) -> None:
    """Kaiming-normal weights times ``scale`` and constant biases for convolutions and linears."""
    modules = module_list if isinstance(module_list, (list, tuple)) else [module_list]
    for inner in (inner for module in modules for inner in module.modules()):
        if isinstance(inner, (nn.Conv2d, nn.Linear)):
            nn.init.kaiming_normal_(inner.weight, **kwargs)
            inner.weight.data *= scale
        elif isinstance(inner, _BatchNorm):
            nn.init.constant_(inner.weight, 1)
        else:
            continue
        if inner.bias is not None:
            inner.bias.data.fill_(bias_fill)


def make_layer(basic_block: Callable[..., nn.Module], num_basic_block: int, **kwarg: Any) -> Any:
    """``num_basic_block`` blocks in a row."""
    return nn.Sequential(*(basic_block(**kwarg) for _ in range(num_basic_block)))


class ResidualBlockNoBN(nn.Module):
    """``x + conv2(relu(conv1(x))) * res_scale``."""

    def __init__(
        self, num_feat: int = 64, res_scale: float = 1, pytorch_init: bool = False
    ) -> None:
        super().__init__()
        self.res_scale = res_scale
        self.conv1 = nn.Conv2d(num_feat, num_feat, 3, 1, 1, bias=True)
        self.conv2 = nn.Conv2d(num_feat, num_feat, 3, 1, 1, bias=True)
        self.relu = nn.ReLU(inplace=True)
        if not pytorch_init:
            default_init_weights([self.conv1, self.conv2], 0.1)

    def forward(self, x: Tensor) -> Tensor:
        """Same shape."""
        residual: Tensor = self.conv2(self.relu(self.conv1(x)))
        return x + residual * self.res_scale


class Upsample(nn.Sequential):
    """Convolution and pixel shuffle: once for x3, log2 times for a power of two."""

    def __init__(self, scale: int, num_feat: int) -> None:
        steps = {3: [3]}.get(scale, [2] * round(math.log2(scale)))
        if math.prod(steps) != scale:
            raise ValueError(f"scale {scale} is not supported: a power of 2, or 3")
        super().__init__(
            *(
                layer
                for s in steps
                for layer in (nn.Conv2d(num_feat, s * s * num_feat, 3, 1, 1), nn.PixelShuffle(s))
            )
        )


def pixel_unshuffle(x: Tensor, scale: int) -> Tensor:
    """``(N, C, H * scale, W * scale)`` to ``(N, C * scale**2, H, W)``."""
    return F.pixel_unshuffle(x, scale)


def flow_warp(
    x: Tensor,
    flow: Tensor,
    interp_mode: str = "bilinear",
    padding_mode: str = "zeros",
    align_corners: bool = True,
) -> Tensor:
    """``x`` ``(N, C, H, W)`` sampled where ``flow`` ``(N, H, W, 2)`` points, in pixels."""
    height, width = x.shape[-2:]
    rows = torch.arange(height, device=x.device, dtype=x.dtype)
    columns = torch.arange(width, device=x.device, dtype=x.dtype)
    grid = torch.stack(torch.meshgrid(columns, rows, indexing="xy"), dim=-1) + flow
    size = torch.tensor([max(width - 1, 1), max(height - 1, 1)], device=x.device, dtype=x.dtype)
    return F.grid_sample(x, 2 * grid / size - 1, interp_mode, padding_mode, align_corners)


def resize_flow(
    flow: Tensor,
    size_type: str,
    sizes: Any,
    interp_mode: str = "bilinear",
    align_corners: bool = False,
) -> Tensor:
    """``flow`` ``(N, 2, H, W)`` at another size (``ratio`` or ``shape``), its values with it."""
    height, width = flow.shape[-2:]
    ratio = size_type == "ratio"
    new = (int(height * sizes[0]), int(width * sizes[1])) if ratio else (sizes[0], sizes[1])
    factor = flow.new_tensor([new[1] / width, new[0] / height]).view(1, 2, 1, 1)
    return F.interpolate(flow * factor, new, mode=interp_mode, align_corners=align_corners)


def trunc_normal_(
    tensor: Tensor, mean: float = 0.0, std: float = 1.0, a: float = -2.0, b: float = 2.0
) -> Tensor:
    """Normal values between ``a`` and ``b``, in place."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a mean far outside [a, b] is the author's choice
        return nn.init.trunc_normal_(tensor, mean, std, a, b)


def to_ntuple(n: int) -> Callable[[Any], Any]:
    """A function that repeats a single value ``n`` times and leaves sequences alone."""

    def parse(x: Any) -> Any:
        return x if isinstance(x, Iterable) and not isinstance(x, str) else tuple(repeat(x, n))

    return parse


to_1tuple, to_2tuple, to_3tuple, to_4tuple = (to_ntuple(n) for n in (1, 2, 3, 4))


class DCNv2Pack(nn.Module):
    """Deformable convolution v2 whose offsets and masks come from another feature map.

    On torchvision's operator, which runs on a CPU too (Zhu et al., Deformable ConvNets v2).
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        stride: int = 1,
        padding: int = 0,
        dilation: int = 1,
        groups: int = 1,
        deformable_groups: int = 1,
        bias: bool = True,
    ) -> None:
        super().__init__()
        self.stride, self.padding, self.dilation = stride, padding, dilation
        taps = kernel_size * kernel_size
        shape = (out_channels, in_channels // groups, kernel_size, kernel_size)
        self.weight = nn.Parameter(torch.empty(shape))
        self.bias = nn.Parameter(torch.zeros(out_channels)) if bias else None
        self.conv_offset = nn.Conv2d(
            in_channels, deformable_groups * 3 * taps, kernel_size, stride, padding, dilation
        )
        bound = 1 / math.sqrt(in_channels * taps)
        nn.init.uniform_(self.weight, -bound, bound)
        nn.init.zeros_(self.conv_offset.weight)
        nn.init.zeros_(self.conv_offset.bias)  # type: ignore[arg-type]  # it has one

    def forward(self, x: Tensor, feat: Tensor | None = None) -> Tensor:
        """``x`` convolved where ``feat`` (or itself) says."""
        from torchvision.ops import deform_conv2d

        first, second, mask = self.conv_offset(x if feat is None else feat).chunk(3, dim=1)
        offset = torch.cat((first, second), dim=1)
        warped: Tensor = deform_conv2d(
            x,
            offset,
            self.weight,
            self.bias,
            self.stride,
            self.padding,
            self.dilation,
            torch.sigmoid(mask),
        )
        return warped


def get_root_logger(logger_name: str = "basicsr", *_: Any, **__: Any) -> logging.Logger:
    """A logger that nobody configures."""
    return logging.getLogger(logger_name)


def get_dist_info() -> tuple[int, int]:
    """Rank 0 of a world of one."""
    return 0, 1


def master_only(function: Callable[..., Any]) -> Callable[..., Any]:
    """``function`` itself: there is one process."""
    return function


_BLOCKS = (
    default_init_weights, make_layer, ResidualBlockNoBN, Upsample, pixel_unshuffle, flow_warp,
    resize_flow, trunc_normal_, DCNv2Pack,
)  # fmt: skip
_ARCH_UTIL = {
    **{part.__name__: part for part in _BLOCKS},
    "_trunc_normal_": trunc_normal_,
    "_ntuple": to_ntuple,
    "to_1tuple": to_1tuple,
    "to_2tuple": to_2tuple,
    "to_3tuple": to_3tuple,
    "to_4tuple": to_4tuple,
    "to_ntuple": to_ntuple,
}
_REGISTRIES = {
    f"{name}_REGISTRY": Registry(name.lower())
    for name in ("ARCH", "MODEL", "LOSS", "METRIC", "DATASET", "NETWORK")
}
_UTIL = {"get_root_logger": get_root_logger}

PARTS: dict[str, dict[str, Any]] = {
    "basicsr.archs.arch_util": _ARCH_UTIL,
    "basicsr.models.archs.arch_util": _ARCH_UTIL,
    "basicsr.ops.dcn": {"ModulatedDeformConvPack": DCNv2Pack},
    "basicsr.utils": _UTIL,
    "basicsr.utils.dist_util": {"get_dist_info": get_dist_info, "master_only": master_only},
    "basicsr.utils.logger": _UTIL,
    "basicsr.utils.registry": {"Registry": Registry, **_REGISTRIES},
}
"""Module of BasicSR -> what it serves; a repository's own module of that name goes first."""
