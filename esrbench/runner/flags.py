"""The switches of torch that change what a runtime or a digit means: set, then looked at again."""

from __future__ import annotations

from typing import Any

import torch

from esrbench.runner.answers import Switches
from esrbench.runner.fixed_state import FixedState
from esrbench.runner.process_settings import set_cores
from esrbench.timing.threads import set_threads

_fixed: FixedState | None = None


def set_switches(threads: int, *, tf32: bool = False) -> None:
    """No autotuning, a fixed number of threads and cores, TF32 only where it is asked for.

    From then on this state is the one that :func:`put_back` restores.
    """
    global _fixed
    bound = set_threads(threads)
    set_cores(frozenset(bound.cores))  # of threads that libraries have started, too
    torch.backends.cuda.matmul.allow_tf32 = tf32
    torch.backends.cudnn.allow_tf32 = tf32
    torch.backends.cudnn.benchmark = False
    torch.set_grad_enabled(False)
    _fixed = FixedState()


def put_back() -> None:
    """Undo what a submission has changed since :func:`set_switches`."""
    if _fixed is not None:
        _fixed.put_back()


def changed() -> tuple[str, ...]:
    """In words, what is not as :func:`set_switches` left it."""
    return _fixed.changed() if _fixed is not None else ()


def observed() -> Switches:
    """What the switches say now; a submission may have turned them."""
    return Switches(
        threads=torch.get_num_threads(),
        cuda_matmul_tf32=_allows_tf32(torch.backends.cuda.matmul),
        cudnn_tf32=_allows_tf32(torch.backends.cudnn),
        cudnn_benchmark=torch.backends.cudnn.benchmark,
        autocast_cpu=torch.is_autocast_enabled("cpu"),
        autocast_cuda=torch.is_autocast_enabled("cuda"),
        default_dtype=str(torch.get_default_dtype()),
        changed=changed(),
    )


def _allows_tf32(library: Any) -> bool:
    """True also where torch refuses to tell, as it does when both its ways were used."""
    try:
        return bool(library.allow_tf32)
    except RuntimeError:
        return True
