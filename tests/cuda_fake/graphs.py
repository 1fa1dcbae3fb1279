"""CUDA graphs: work is noted while a stream is captured, and done at each replay."""

from __future__ import annotations

from typing import Any, ClassVar

from .device import Capture, CudaError, Device, Work
from .streams import Stream


class CUDAGraph:
    """As ``torch.cuda.CUDAGraph``."""

    _cuda: ClassVar[Any]

    def __init__(self, keep_graph: bool = False) -> None:
        self._device: Device | None = None
        self._work: list[Work] | None = None

    def capture_begin(self, pool: Any = None, capture_error_mode: str = "global") -> None:
        stream = self._cuda.current_stream()
        device = stream.device
        if stream is device.streams[0]:
            raise CudaError("CUDA graphs must be captured on a non-default stream.")
        if device.capture is not None:
            raise CudaError("CUDA error: operation not permitted when stream is capturing")
        self._device = device
        device.capture = Capture(stream, {stream}, {stream})

    def capture_end(self) -> None:
        device = self._device
        if device is None or device.capture is None:
            raise CudaError("Called capture_end without a capture.")
        capture, device.capture = device.capture, None
        if capture.broken:
            raise CudaError("CUDA error: operation failed due to a previous error during capture")
        if capture.streams - capture.joined:
            raise CudaError("CUDA error: capturing stream has unjoined work")
        self._work = capture.work

    def replay(self) -> None:
        """Queue all of it at once on the current stream."""
        if self._work is None:
            raise CudaError("Called CUDAGraph::replay without a preceding successful capture.")
        stream = self._cuda.current_stream(self._device.index if self._device else None)
        for work in self._work:
            stream.device.launch(stream, work)

    def reset(self) -> None:
        self._work = None


class graph:  # noqa: N801 - torch's own name
    """As ``torch.cuda.graph``: idle, cache given back, then capture on a stream of its own.

    That stream is one of the device that is the current one when the first capture is made.
    """

    _cuda: ClassVar[Any]
    default_capture_stream: ClassVar[Stream | None] = None

    def __init__(
        self,
        cuda_graph: CUDAGraph,
        pool: Any = None,
        stream: Stream | None = None,
        capture_error_mode: str = "global",
    ) -> None:
        kind = type(self)
        if stream is None and kind.default_capture_stream is None:
            kind.default_capture_stream = self._cuda.Stream()
        self._graph = cuda_graph
        chosen = stream or kind.default_capture_stream
        self._stream_context = self._cuda.stream(chosen)

    def __enter__(self) -> None:
        self._cuda.synchronize()
        self._cuda.empty_cache()
        self._stream_context.__enter__()
        self._graph.capture_begin()

    def __exit__(self, *raised: Any) -> None:
        try:
            self._graph.capture_end()
        finally:
            self._stream_context.__exit__(*raised)
