"""Judge side: NVML, the driver's own account of a GPU: how to reach it, and whose memory it holds.

Without a GPU, without NVML or without the right to ask, every answer is None; nothing here raises.
Not yet run on a GPU; tested with an NVML that is a fake.
"""

from __future__ import annotations

import os
from collections.abc import Collection
from typing import Any


def load_nvml() -> Any | None:
    """An initialised ``pynvml``, or None where there is no NVML."""
    try:
        import pynvml

        pynvml.nvmlInit()
    except Exception:  # NVML's errors, ImportError, a broken driver: all mean "cannot tell"
        return None
    return pynvml


def find_gpu(nvml: Any, device: str) -> Any | None:
    """NVML's handle of ``cuda``, ``cuda:N`` (N as CUDA counts, CUDA_VISIBLE_DEVICES obeyed)."""
    index = int(device.partition(":")[2] or 0)
    try:
        visible = [part.strip() for part in os.environ["CUDA_VISIBLE_DEVICES"].split(",")]
    except KeyError:
        visible = []
    try:
        name = visible[index] if visible else str(index)
        if name.startswith(("GPU-", "MIG-")):
            return nvml.nvmlDeviceGetHandleByUUID(name)
        return nvml.nvmlDeviceGetHandleByIndex(int(name))
    except Exception:  # no such device, or an index NVML does not know
        return None


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
