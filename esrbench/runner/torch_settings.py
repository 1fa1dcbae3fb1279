"""What torch lets a process turn that changes a runtime, a digit or a count.

The functions that read and write are taken when this module is imported, before a submission is.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import lru_cache, partial
from typing import Any

import torch
from torch import Tensor

from esrbench.runner.setting import Setting, attribute

_TINY, _LARGE = 1e-40, 1e20
"""A float32 below the smallest normal one; times the large one it is normal, unless flushed."""
_SHARED_OUT = 1 << 16
"""Elements that torch shares out among its threads, of which each flushes or does not."""

_CUDNN, _MATMUL = torch.backends.cudnn, torch.backends.cuda.matmul
_C: Any = torch._C

_SWITCHES = (
    ("oneDNN", "_get_mkldnn_enabled", "_set_mkldnn_enabled"),
    ("oneDNN deterministic", "_get_mkldnn_deterministic", "_set_mkldnn_deterministic"),
    ("TF32 (oneDNN)", "_get_onednn_allow_tf32", "_set_onednn_allow_tf32"),
    ("NNPACK", "_get_nnpack_enabled", "_set_nnpack_enabled"),
    ("quantised engine", "_get_qengine", "_set_qengine"),
    ("flash attention", "_get_flash_sdp_enabled", "_set_sdp_use_flash"),
    ("memory-efficient attention", "_get_mem_efficient_sdp_enabled", "_set_sdp_use_mem_efficient"),
    ("plain attention", "_get_math_sdp_enabled", "_set_sdp_use_math"),
    ("cuDNN attention", "_get_cudnn_sdp_enabled", "_set_sdp_use_cudnn"),
    ("half-precision sums in attention", "_get_math_sdp_allow_fp16_bf16_reduction",
     "_set_math_sdp_allow_fp16_bf16_reduction"),
    ("fp16 reductions (CPU)", "_get_cpu_allow_fp16_reduced_precision_reduction",
     "_set_cpu_allow_fp16_reduced_precision_reduction"),
    ("fp16 accumulation", "_get_cublas_allow_fp16_accumulation",
     "_set_cublas_allow_fp16_accumulation"),
    ("BLAS library", "_get_blas_preferred_backend", "_set_blas_preferred_backend"),
    ("linear algebra library", "_get_linalg_preferred_backend", "_set_linalg_preferred_backend"),
    ("TorchScript fuser", "_jit_texpr_fuser_enabled", "_jit_set_texpr_fuser_enabled"),
    ("TorchScript fusion on a CPU", "_jit_can_fuse_on_cpu", "_jit_override_can_fuse_on_cpu"),
    ("TorchScript fusion on a GPU", "_jit_can_fuse_on_gpu", "_jit_override_can_fuse_on_gpu"),
    ("TorchScript fusion by oneDNN", "_jit_llga_enabled", "_jit_set_llga_enabled"),
)  # fmt: skip
"""Switches inside torch: name, what reads it, what writes it. Some versions lack some."""


def _switches() -> Iterator[Setting]:
    for name, getter, setter in _SWITCHES:
        read, write = getattr(_C, getter, None), getattr(_C, setter, None)
        if read is not None and write is not None:
            yield Setting(name, read, write)


def _precisions() -> Iterator[Setting]:
    """What each library may do to float32 inside; torch 2.9 and later say it by operator."""
    read: Any = getattr(_C, "_get_fp32_precision_getter", None)
    write: Any = getattr(_C, "_set_fp32_precision_setter", None)
    operators = {"generic": ("all",), "cuda": ("all", "matmul", "conv", "rnn")}
    operators["mkldnn"] = operators["cuda"]
    for library in operators if read and write else ():
        for of in operators[library]:
            name = f"float32 precision ({library} {of})"
            yield Setting(name, partial(read, library, of), partial(write, library, of))


def _autocast() -> Iterator[Setting]:
    for device in ("cpu", "cuda"):
        yield Setting(
            f"autocast ({device})",
            partial(torch.is_autocast_enabled, device),
            partial(torch.set_autocast_enabled, device),
        )


def _set_deterministic(was: tuple[bool, bool]) -> None:
    torch.use_deterministic_algorithms(was[0], warn_only=was[1])


def _flushes_denormals() -> bool:
    return float((_tinies() * _LARGE).min()) == 0.0


@lru_cache(maxsize=1)
def _tinies() -> Tensor:
    """Made when it is asked for: a process that imports this to be forked must compute nothing, as
    a fork waits for ever for the threads of a pool that it does not have."""
    return torch.full((_SHARED_OUT,), _TINY, dtype=torch.float32)


def _default_device() -> tuple[torch.device, bool]:
    """The device, and whether one was named: even the usual one costs time at every call then.

    Torch 2.6 has no answer once the default was taken back.
    """
    named = getattr(getattr(torch, "_GLOBAL_DEVICE_CONTEXT", None), "device_context", None)
    try:
        return torch.get_default_device(), named is not None
    except AttributeError:
        return torch.device("cpu"), named is not None


_held: list[Any] = []
_MODES: tuple[tuple[Any, Any], ...] = (
    (_C._len_torch_dispatch_stack, partial(_C._pop_torch_dispatch_stack, None)),
    (_C._len_torch_function_stack, _C._pop_torch_function_stack),
)


def _modes() -> tuple[int, ...]:
    """How many modes were entered and not left: each sees every operator, and can hide it."""
    return tuple(count() for count, _ in _MODES)


def _leave_modes(was: tuple[int, ...]) -> None:
    for (count, leave), wanted in zip(_MODES, was, strict=True):
        while count() > wanted:
            leave()


def _set_inference(on: bool) -> None:
    """It lasts for as long as what entered it does."""
    _held.append(_C._InferenceMode(on))
    _held[-1].__enter__()


def _fusion_strategy() -> Any:
    """It can only be read by setting it."""
    was = _C._jit_set_fusion_strategy([])
    _C._jit_set_fusion_strategy(was)
    return was


def _compiler_stance() -> str:
    """Whether what is compiled runs so; without the compiler, as it is from the start."""
    frames = sys.modules.get("torch._dynamo.eval_frame")
    stance = getattr(getattr(frames, "_stance", None), "stance", "default")
    return str(stance)


TORCH: tuple[Setting, ...] = (
    Setting("threads", torch.get_num_threads, torch.set_num_threads),
    Setting("inter-op threads", torch.get_num_interop_threads),
    Setting("default dtype", torch.get_default_dtype, torch.set_default_dtype),
    Setting("default device", _default_device, lambda _: torch.set_default_device(None)),
    Setting("modes of torch", _modes, _leave_modes),
    Setting("gradients", torch.is_grad_enabled, torch.set_grad_enabled),
    Setting("inference mode", torch.is_inference_mode_enabled, _set_inference),
    *_autocast(),
    *_precisions(),
    Setting("float32 matmul precision", torch.get_float32_matmul_precision,
            torch.set_float32_matmul_precision),
    attribute("TF32 (matmul)", _MATMUL, "allow_tf32"),
    attribute("TF32 (cuDNN)", _CUDNN, "allow_tf32"),
    attribute("fp16 reductions", _MATMUL, "allow_fp16_reduced_precision_reduction"),
    attribute("bf16 reductions", _MATMUL, "allow_bf16_reduced_precision_reduction"),
    attribute("cuDNN", _CUDNN, "enabled"),
    attribute("cuDNN benchmark", _CUDNN, "benchmark"),
    attribute("cuDNN benchmark limit", _CUDNN, "benchmark_limit"),
    attribute("cuDNN deterministic", _CUDNN, "deterministic"),
    *_switches(),
    attribute("einsum by opt_einsum", torch.backends.opt_einsum, "enabled"),
    attribute("order of einsum", torch.backends.opt_einsum, "strategy"),
    Setting("TorchScript fusion strategy", _fusion_strategy,
            _C._jit_set_fusion_strategy),
    Setting("compiler stance", _compiler_stance, torch.compiler.set_stance),
    Setting("deterministic algorithms",
            lambda: (torch.are_deterministic_algorithms_enabled(),
                     torch.is_deterministic_algorithms_warn_only_enabled()),
            _set_deterministic),
    Setting("denormals flushed", _flushes_denormals, torch.set_flush_denormal),
)  # fmt: skip
"""All of them."""
