"""The switches of torch that change what a runtime or a digit means: set, then looked at again."""

from __future__ import annotations

import torch

from esrbench.runner.answers import Switches
from esrbench.timing.threads import set_threads


def set_switches(threads: int, *, tf32: bool = False) -> None:
    """No autotuning, a fixed number of threads and cores, TF32 only where it is asked for."""
    set_threads(threads)
    torch.backends.cuda.matmul.allow_tf32 = tf32
    torch.backends.cudnn.allow_tf32 = tf32
    torch.backends.cudnn.benchmark = False
    torch.set_grad_enabled(False)


def observed() -> Switches:
    """What the switches say now; a submission may have turned them."""
    return Switches(
        threads=torch.get_num_threads(),
        cuda_matmul_tf32=torch.backends.cuda.matmul.allow_tf32,
        cudnn_tf32=torch.backends.cudnn.allow_tf32,
        cudnn_benchmark=torch.backends.cudnn.benchmark,
        autocast_cpu=torch.is_autocast_enabled("cpu"),
        autocast_cuda=torch.is_autocast_enabled("cuda"),
        default_dtype=str(torch.get_default_dtype()),
    )
