"""One device: its streams, its memory, and what is being captured on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .host import Host
from .memory import Memory

if TYPE_CHECKING:
    from .streams import Stream


class CudaError(RuntimeError):
    """As torch raises for what the driver refuses."""


@dataclass
class Work:
    """One kernel: how long it takes, and what it does."""

    ms: float
    run: Callable[[], object] = lambda: None


@dataclass
class Capture:
    """A graph that is being recorded."""

    origin: Stream
    streams: set[Stream]
    """Those whose work is recorded: the first, and what came to wait for it."""
    joined: set[Stream]
    """Those whose work the first waits for in the end."""
    work: list[Work] = field(default_factory=list)
    broken: bool = False


@dataclass(eq=False)
class Device:
    """``cuda:index``."""

    index: int
    host: Host
    memory: Memory = field(default_factory=Memory)
    streams: list[Stream] = field(default_factory=list)
    """The default one first."""
    current: Stream | None = None
    capture: Capture | None = None

    def launch(self, stream: Stream, work: Work) -> None:
        """Queue ``work`` behind what ``stream`` has to do; in a capture it is only noted."""
        if stream.device is not self:
            raise CudaError("CUDA error: invalid resource handle")
        if self.capture is not None and stream in self.capture.streams:
            self.capture.work.append(work)
            return
        stream.idle_at = max(self.host.now(), stream.idle_at) + work.ms
        work.run()
        stream.idle_at = max(stream.idle_at, self.host.now() if work.ms == 0 else 0.0)

    def synchronize(self) -> None:
        """The host waits for every stream of this device."""
        self.refuse_in_capture()
        self.host.wait_until(max(stream.idle_at for stream in self.streams))

    def refuse_in_capture(self) -> None:
        """Raises where a graph is recorded: nothing may wait then, and what did spoils it."""
        if self.capture is not None:
            self.capture.broken = True
            raise CudaError("CUDA error: operation not permitted when stream is capturing")
