"""Streams and events: work in one is ordered, two are not unless one is told to wait.

Those that torch makes are non-blocking: the default stream does not wait for them, nor they for it.
"""

from __future__ import annotations

from typing import Any, ClassVar

from .device import CudaError, Device


class Stream:
    """As ``torch.cuda.Stream``; ``idle_at`` is when the work queued so far will be done."""

    _cuda: ClassVar[Any]

    def __init__(self, device: object = None, priority: int = 0) -> None:
        self.device: Device = self._cuda.device_of(device)
        self.idle_at = 0.0
        self.device.streams.append(self)

    @property
    def device_index(self) -> int:
        return self.device.index

    def wait_stream(self, stream: Stream) -> None:
        """What is queued here from now on comes after what ``stream`` has been given so far."""
        event = self._cuda.Event()
        event.record(stream)
        event.wait(self)

    def wait_event(self, event: Event) -> None:
        event.wait(self)

    def record_event(self, event: Event | None = None) -> Event:
        event = event or self._cuda.Event()
        event.record(self)
        return event

    def query(self) -> bool:
        self.device.refuse_in_capture()
        return self.idle_at <= self.device.host.now()

    def synchronize(self) -> None:
        self.device.refuse_in_capture()
        self.device.host.wait_until(self.idle_at)


class Event:
    """As ``torch.cuda.Event``: a mark in a stream, which the device passes when it gets there."""

    _cuda: ClassVar[Any]

    def __init__(
        self, enable_timing: bool = False, blocking: bool = False, interprocess: bool = False
    ) -> None:
        self._timing = enable_timing
        self._stream: Stream | None = None
        self._at = 0.0
        self._captured = False

    def record(self, stream: Stream | None = None) -> None:
        stream = stream or self._cuda.current_stream()
        device = stream.device
        if self._stream is not None and self._stream.device is not device:
            raise CudaError("Event device does not match recording stream's device")
        self._stream = stream
        self._captured = device.capture is not None and stream in device.capture.streams
        self._at = max(device.host.now(), stream.idle_at)

    def wait(self, stream: Stream | None = None) -> None:
        stream = stream or self._cuda.current_stream()
        if self._stream is None:
            return  # never recorded: nothing to wait for
        capture = stream.device.capture
        if self._captured and capture is not None:
            if stream is capture.origin:
                capture.joined.add(self._stream)
            capture.streams.add(stream)
            return
        if capture is not None and stream in capture.streams:
            capture.broken = True
            raise CudaError("CUDA error: dependency created on uncaptured work in another stream")
        stream.idle_at = max(stream.idle_at, self._at)

    def query(self) -> bool:
        if self._stream is None:
            return True
        self._refuse_captured()
        return self._at <= self._stream.device.host.now()

    def synchronize(self) -> None:
        if self._stream is None:
            return
        self._refuse_captured()
        self._stream.device.refuse_in_capture()
        self._stream.device.host.wait_until(self._at)

    def elapsed_time(self, end_event: Event) -> float:
        """Milliseconds; both must have been recorded with timing, and passed."""
        if not (self._timing and end_event._timing):
            raise ValueError("Both events must be created with argument 'enable_timing=True'.")
        if self._stream is None or end_event._stream is None:
            raise ValueError("Both events must be recorded before calculating elapsed time.")
        if self._stream.device is not end_event._stream.device:
            raise CudaError("CUDA error: invalid resource handle")
        if not (self.query() and end_event.query()):
            raise ValueError("Both events must be completed before calculating elapsed time.")
        return end_event._at - self._at

    def _refuse_captured(self) -> None:
        if self._captured and self._stream is not None:
            if self._stream.device.capture is not None:
                self._stream.device.capture.broken = True
            raise CudaError("CUDA error: operation not permitted on an event last recorded in a "
                            "capturing stream")  # fmt: skip
