"""The state of a process that a protocol fixes: taken once, put back before each phase, compared.

A submission can turn a switch of torch, take more threads or cores, or set a variable, while it is
built or in a forward. What it turned while it was built is put back and does no harm; what it turns
while it is timed makes its runtime one of another protocol.

The functions that read a state are taken when this module is imported, before a submission is.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import torch
from torch import Tensor

from esrbench.runner import process_settings as process

_TINY, _LARGE = 1e-40, 1e20
"""A float32 below the smallest normal one; times the large one it is normal, unless flushed."""
_SHARED_OUT = 1 << 16
"""Elements that torch shares out among its threads, of which each flushes or does not."""
_ROUNDS = 3
"""Some of torch's switches turn others: what is put back is looked at again."""


@dataclass(frozen=True)
class Setting:
    """One thing that can be read and, mostly, put back."""

    name: str
    read: Callable[[], Any]
    write: Callable[[Any], object] | None = None
    """None where nothing can put it back: then a change stays, and is told."""


class FixedState:
    """Everything as it is when this is made, and as it is to stay."""

    def __init__(self) -> None:
        self._was = {setting.name: _read(setting) for setting in SETTINGS}

    def changed(self) -> tuple[str, ...]:
        """The names of what is no longer as it was."""
        return tuple(s.name for s in SETTINGS if _read(s) != self._was[s.name])

    def put_back(self) -> None:
        """Make it what it was, as far as that can be done; :meth:`changed` tells what stayed."""
        for _ in range(_ROUNDS):
            changed = self.changed()
            if not changed:
                return
            for setting in SETTINGS:
                if setting.name in changed and setting.write is not None:
                    with contextlib.suppress(Exception):
                        setting.write(self._was[setting.name])


def _read(setting: Setting) -> Any:
    try:
        return setting.read()
    except Exception as why:  # torch refuses to read a switch that was set in two ways
        return f"unreadable ({type(why).__name__})"


def _attribute(name: str, owner: Any, attribute: str) -> Setting:
    return Setting(name, partial(getattr, owner, attribute), partial(setattr, owner, attribute))


def _precisions() -> Iterator[Setting]:
    """What each library may do to float32 inside; torch 2.9 and later say it by operator."""
    read: Any = getattr(torch._C, "_get_fp32_precision_getter", None)
    write: Any = getattr(torch._C, "_set_fp32_precision_setter", None)
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


def _default_device() -> torch.device:
    """Torch 2.6 has no answer once the default was taken back."""
    try:
        return torch.get_default_device()
    except AttributeError:
        return torch.device("cpu")


_CUDNN, _MATMUL = torch.backends.cudnn, torch.backends.cuda.matmul

SETTINGS: tuple[Setting, ...] = (
    Setting("threads", torch.get_num_threads, torch.set_num_threads),
    Setting("inter-op threads", torch.get_num_interop_threads),
    Setting("default dtype", torch.get_default_dtype, torch.set_default_dtype),
    Setting("default device", _default_device,
            lambda _: torch.set_default_device(None)),
    Setting("gradients", torch.is_grad_enabled, torch.set_grad_enabled),
    *_autocast(),
    *_precisions(),
    Setting("float32 matmul precision", torch.get_float32_matmul_precision,
            torch.set_float32_matmul_precision),
    _attribute("TF32 (matmul)", _MATMUL, "allow_tf32"),
    _attribute("TF32 (cuDNN)", _CUDNN, "allow_tf32"),
    _attribute("fp16 reductions", _MATMUL, "allow_fp16_reduced_precision_reduction"),
    _attribute("bf16 reductions", _MATMUL, "allow_bf16_reduced_precision_reduction"),
    _attribute("cuDNN", _CUDNN, "enabled"),
    _attribute("cuDNN benchmark", _CUDNN, "benchmark"),
    _attribute("cuDNN deterministic", _CUDNN, "deterministic"),
    Setting("oneDNN", torch._C._get_mkldnn_enabled, torch._C._set_mkldnn_enabled),
    Setting("deterministic algorithms",
            lambda: (torch.are_deterministic_algorithms_enabled(),
                     torch.is_deterministic_algorithms_warn_only_enabled()),
            _set_deterministic),
    Setting("denormals flushed", _flushes_denormals, torch.set_flush_denormal),
    Setting("cores", process.cores, process.set_cores),
    Setting("niceness", process.niceness, process.set_niceness),
    Setting("variables", process.variables, process.set_variables),
)  # fmt: skip
"""All of them."""
