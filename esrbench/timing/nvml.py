"""Judge side: NVML, the driver's own account of a GPU: how to reach it, and whose memory it holds.

Without a GPU, without NVML or without the right to ask, every answer is None; nothing here raises.
Not yet run on a GPU; tested with an NVML that is a fake.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Gpu:
    """Which card ``cuda[:N]`` is, however others count."""

    uuid: str
    minor: int | None
    """The number of its node, ``/dev/nvidiaM``; None where the driver does not tell."""


def load_nvml() -> Any | None:
    """An initialised ``pynvml``, or None where there is no NVML."""
    try:
        import pynvml

        pynvml.nvmlInit()
    except Exception:  # NVML's errors, ImportError, a broken driver: all mean "cannot tell"
        return None
    return pynvml


def find_gpu(nvml: Any, device: str) -> Any | None:
    """NVML's handle of ``cuda``, ``cuda:N`` (N as CUDA counts, CUDA_VISIBLE_DEVICES obeyed).

    As CUDA counts by place on the bus, that is: runners are told to (``judge/child.py``).
    """
    index = int(device.partition(":")[2] or 0)
    try:
        visible = [part.strip() for part in os.environ["CUDA_VISIBLE_DEVICES"].split(",")]
    except KeyError:
        visible = []
    try:
        name = visible[index] if visible else str(index)
        if name.startswith(("GPU-", "MIG-")):
            return _by_uuid(nvml, name)
        return nvml.nvmlDeviceGetHandleByIndex(int(name))
    except Exception:  # no such device, or an index NVML does not know
        return None


def _by_uuid(nvml: Any, name: str) -> Any:
    """The handle of a UUID, which CUDA_VISIBLE_DEVICES may abbreviate and NVML may not."""
    with contextlib.suppress(Exception):
        return nvml.nvmlDeviceGetHandleByUUID(name)
    handles = [nvml.nvmlDeviceGetHandleByIndex(n) for n in range(nvml.nvmlDeviceGetCount())]
    (found,) = [gpu for gpu in handles if _text(nvml.nvmlDeviceGetUUID(gpu)).startswith(name)]
    return found


def _text(answer: str | bytes) -> str:
    """Older bindings answer with bytes."""
    return answer.decode() if isinstance(answer, bytes) else answer


def which_gpu(device: str) -> Gpu | None:
    """The card behind ``cuda[:N]``; None for a CPU and where NVML does not tell."""
    nvml = load_nvml() if device.startswith("cuda") else None
    handle = find_gpu(nvml, device) if nvml is not None else None
    if nvml is None or handle is None:
        return None
    minor: int | None = None
    with contextlib.suppress(Exception):
        minor = int(nvml.nvmlDeviceGetMinorNumber(handle))
    try:
        return Gpu(_text(nvml.nvmlDeviceGetUUID(handle)), minor)
    except Exception:  # a driver that does not tell
        return None


def clock_event_reasons(nvml: Any, gpu: Any) -> int:
    """Bits of what holds the clock down; raises what NVML raises where that is not told.

    Called "throttle reasons" before driver 535, and by bindings of that time.
    """
    names = ("nvmlDeviceGetCurrentClocksEventReasons", "nvmlDeviceGetCurrentClocksThrottleReasons")
    try:
        return int(getattr(nvml, names[0])(gpu))
    except Exception:  # AttributeError of the bindings, or an NVML error of the driver
        return int(getattr(nvml, names[1])(gpu))


def process_bytes(device: str, pids: Collection[int]) -> int | None:
    """Bytes of GPU memory the driver gives the processes ``pids`` on ``cuda[:N]``: its context too.

    None where the driver does not tell: in a container it may know processes by other numbers.
    """
    nvml = load_nvml()
    gpu = find_gpu(nvml, device) if nvml is not None else None
    if nvml is None or gpu is None:
        return None
    try:
        running = nvml.nvmlDeviceGetComputeRunningProcesses(gpu)
    except Exception:  # this driver does not list processes
        return None
    used = [process.usedGpuMemory for process in running if process.pid in pids]
    return sum(map(int, used)) if used and None not in used else None
