"""A forward as one CUDA graph: the same kernels without their launches.

Beside the ordinary runtime this shows what launching costs, which for small networks is most of
it. Written with care and not yet run on a GPU.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from esrbench.errors import SubmissionError
from esrbench.runner.model import LoadedModel

_WARM_CALLS = 3
"""As PyTorch's notes on CUDA graphs ask for, on a side stream, before capture."""


def captured(model: LoadedModel, lr: Tensor) -> Callable[[Tensor], Tensor]:
    """``model`` as a graph for inputs of ``lr``'s shape; copying in and out is part of a call.

    Raises SubmissionError where there is no GPU, or where the network cannot be captured (it
    asks the host something within forward, say).
    """
    if model.device.type != "cuda":
        raise SubmissionError("The policy `graph` replays CUDA graphs; it needs --device cuda.")
    static_lr = lr.clone()
    side = torch.cuda.Stream(model.device)  # type: ignore[no-untyped-call]
    side.wait_stream(torch.cuda.current_stream(model.device))
    with torch.cuda.stream(side):
        for _ in range(_WARM_CALLS):
            model(static_lr)
    torch.cuda.current_stream(model.device).wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    try:
        with torch.cuda.graph(graph):
            static_sr = model(static_lr)
    except RuntimeError as why:
        raise SubmissionError(f"It cannot be captured as a CUDA graph: {why}") from None

    def replay(fresh: Tensor) -> Tensor:
        static_lr.copy_(fresh)
        graph.replay()
        return static_sr.clone()

    return replay
