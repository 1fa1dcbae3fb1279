"""``torch.cuda`` as far as esrbench uses it, over devices that are not there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import torch

from . import graphs, streams
from .device import CudaError, Device, Work
from .host import Host, ToldHost


class FakeCuda:
    """Stands where ``torch.cuda`` does; :meth:`launch` is what a kernel launch is."""

    def __init__(self, host: Host | None = None, devices: int = 1) -> None:
        self.host = host or ToldHost()
        bound = {"_cuda": self}
        # Types of its own, so that a test which patches one leaves the next test's alone.
        self.Event: Any = type("Event", (streams.Event,), {**bound, **vars_of(streams.Event)})
        self.Stream: Any = type("Stream", (streams.Stream,), bound)
        self.CUDAGraph: Any = type("CUDAGraph", (graphs.CUDAGraph,), bound)
        self.graph: Any = type("graph", (graphs.graph,), {**bound, "default_capture_stream": None})
        self.devices = [Device(index, self.host) for index in range(devices)]
        self._current = self.devices[0]
        for device in self.devices:
            device.current = self.Stream(device.index)
        # A bound method is a new object at each look; torch.cuda's functions are the same ones.
        for name in NAMES:
            if callable(getattr(self, name)):
                setattr(self, name, getattr(self, name))

    def device_of(self, device: object = None) -> Device:
        """The device that torch's argument means: None, a number, ``cuda:1``, a torch.device."""
        if device is None:
            return self._current
        if isinstance(device, str):
            device = torch.device(device)
        index = device.index if isinstance(device, torch.device) else device
        number = self._current.index if index is None else int(index)  # type: ignore[call-overload]
        if not 0 <= number < len(self.devices):
            raise CudaError("CUDA error: invalid device ordinal")
        return self.devices[number]

    def launch(self, ms: float = 0.0, stream: Any = None, run: Any = lambda: None) -> None:
        """A kernel of ``ms``, on ``stream`` or the current one; the host goes on at once."""
        stream = stream or self.current_stream()
        stream.device.launch(stream, Work(ms, run))

    def is_available(self) -> bool:
        return True

    def device_count(self) -> int:
        return len(self.devices)

    def current_device(self) -> int:
        return self._current.index

    def set_device(self, device: object) -> None:
        self._current = self.device_of(device)

    @contextmanager
    def device(self, device: object) -> Iterator[None]:
        before, self._current = self._current, self.device_of(device)
        try:
            yield
        finally:
            self._current = before

    def current_stream(self, device: object = None) -> Any:
        return self.device_of(device).current

    def default_stream(self, device: object = None) -> Any:
        return self.device_of(device).streams[0]

    @contextmanager
    def stream(self, stream: Any) -> Iterator[None]:
        """``stream`` is current on its device, which becomes the current one, as in torch."""
        device, before_device = stream.device, self._current
        before, device.current, self._current = device.current, stream, device
        try:
            yield
        finally:
            device.current, self._current = before, before_device

    def synchronize(self, device: object = None) -> None:
        self.device_of(device).synchronize()

    def is_current_stream_capturing(self) -> bool:
        capture = self._current.capture
        return capture is not None and self._current.current in capture.streams

    def empty_cache(self) -> None:
        for device in self.devices:
            device.memory.empty_cache()

    def reset_peak_memory_stats(self, device: object = None) -> None:
        self.device_of(device).memory.reset_peaks()

    def memory_allocated(self, device: object = None) -> int:
        return self.device_of(device).memory.allocated

    def memory_reserved(self, device: object = None) -> int:
        return self.device_of(device).memory.reserved

    def max_memory_allocated(self, device: object = None) -> int:
        return self.device_of(device).memory.most_allocated

    def max_memory_reserved(self, device: object = None) -> int:
        return self.device_of(device).memory.most_reserved

    def get_device_capability(self, device: object = None) -> tuple[int, int]:
        self.device_of(device)
        return (9, 0)

    def get_device_name(self, device: object = None) -> str:
        return f"Fake GPU {self.device_of(device).index}"


NAMES = (
    "Event", "Stream", "CUDAGraph", "graph", "is_available", "device_count", "current_device",
    "set_device", "device", "current_stream", "default_stream", "stream", "synchronize",
    "is_current_stream_capturing", "empty_cache", "reset_peak_memory_stats", "memory_allocated",
    "memory_reserved", "max_memory_allocated", "max_memory_reserved", "get_device_capability",
    "get_device_name",
)  # fmt: skip
"""What of ``torch.cuda`` it stands for."""


def vars_of(kind: type) -> dict[str, Any]:
    """Its functions, to be those of a type of one's own."""
    return {name: value for name, value in vars(kind).items() if callable(value)}


@contextmanager
def in_place_of_torch(cuda: FakeCuda) -> Iterator[FakeCuda]:
    """``torch.cuda`` is the fake while entered."""
    real = SimpleNamespace(**{name: getattr(torch.cuda, name) for name in NAMES})
    try:
        for name in NAMES:
            setattr(torch.cuda, name, getattr(cuda, name))
        yield cuda
    finally:
        for name in NAMES:
            setattr(torch.cuda, name, getattr(real, name))
