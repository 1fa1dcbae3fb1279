"""What a person calls a device, and which one that is here."""

from __future__ import annotations

from pathlib import Path

from esrbench.errors import UnavailableError, UsageError

GPU_NODES = ("/dev/nvidiactl", "/dev/nvidia0", "/dev/dxg", "/dev/kfd", "/dev/nvhost-gpu",
             "/dev/nvgpu", "/proc/driver/nvidia")  # fmt: skip
"""What a driver that torch could use makes: NVIDIA's own, of WSL, of Jetson; AMD's."""


def resolve_device(device: str) -> str:
    """``cpu`` or ``cuda:N``, for ``cpu``, ``cuda``, ``cuda:N`` or ``auto`` (a GPU if there is one).

    Raises UsageError for another word, UnavailableError for a GPU that is not there.
    """
    if device == "cpu":
        return device
    if device not in {"auto", "cuda"} and not (device.startswith("cuda:") and device[5:].isdigit()):
        raise UsageError(f"No device {device!r}; use cpu, cuda, cuda:N or auto.")
    if device == "auto" and not any(Path(node).exists() for node in GPU_NODES):
        return "cpu"  # torch takes a second to say the same
    import torch

    if not torch.cuda.is_available():
        if device == "auto":
            return "cpu"
        raise UnavailableError(f"--device {device}: torch sees no CUDA device; use --device cpu.")
    number = int(device[5:]) if device.startswith("cuda:") else 0
    if number >= torch.cuda.device_count():
        raise UnavailableError(f"--device {device}: there are {torch.cuda.device_count()} GPUs.")
    return f"cuda:{number}"
