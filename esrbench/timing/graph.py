"""Runner side, policy ``graph``: a model recorded once as a CUDA graph and replayed.

A replay launches every kernel at once, so the time it saves over ``block`` is what launches cost.
Not yet run on a GPU; its logic is tested with a ``torch.cuda`` that is a fake.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from esrbench.errors import SubmissionError

WARM_UP_CALLS = 3
"""Calls on a side stream before recording, so that libraries have set themselves up (as PyTorch's
notes on CUDA graphs ask for)."""


class GraphReplay:
    """Calls like the model it records, for inputs of one shape.

    Its output is one buffer that the next call overwrites: clone what must outlive that.
    """

    def __init__(self, call: Callable[[Any], Any], example: Any, cuda: Any = None) -> None:
        """Record ``call`` on inputs shaped as ``example``, a tensor on the device.

        Raises SubmissionError when the model cannot be recorded (it waits for the host, or its
        work depends on values). ``cuda`` is ``torch.cuda`` unless a test says otherwise.
        """
        if cuda is None:
            import torch

            cuda = torch.cuda
        self._input = example.clone()
        self._graph = cuda.CUDAGraph()
        try:
            # Streams are made, and looked up, on the current device: it has to be the model's.
            with cuda.device(example.device):
                side = cuda.Stream()
                side.wait_stream(cuda.current_stream())
                with cuda.stream(side):
                    for _ in range(WARM_UP_CALLS):
                        call(self._input)
                cuda.current_stream().wait_stream(side)
                with cuda.graph(self._graph, stream=side):
                    self._output = call(self._input)
        except RuntimeError as error:
            raise SubmissionError(
                f"The model cannot be recorded as a CUDA graph ({_first_cause(error)}); "
                "time it with the policy 'block'."
            ) from error

    def __call__(self, x: Any) -> Any:
        """The model's output for ``x``, of the recorded shape; ValueError for any other."""
        if x.shape != self._input.shape:
            raise ValueError(f"recorded for {tuple(self._input.shape)}, called on {tuple(x.shape)}")
        self._input.copy_(x)
        self._graph.replay()
        return self._output


def _first_cause(error: BaseException) -> str:
    """What the model did: that its recording failed is only told when that ends."""
    while isinstance(error.__context__, RuntimeError):
        error = error.__context__
    return str(error).partition("\n")[0]
