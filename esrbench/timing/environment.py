"""Judge side: the machine a figure was measured on, as plain JSON. Never imports torch."""

from __future__ import annotations

import os
import platform
from importlib import metadata
from pathlib import Path
from typing import Any

from esrbench.number_of import number_of
from esrbench.timing.allocator import keeps_memory
from esrbench.timing.nvml import find_gpu, load_nvml
from esrbench.timing.threads import THREAD_VARIABLES, thread_count, usable_cores

PACKAGES = ("torch", "torchvision", "numpy", "fvcore", "lpips", "scikit-image", "scipy")
OTHER_VARIABLES = (
    "OMP_WAIT_POLICY",
    "GOMP_SPINCOUNT",
    "KMP_BLOCKTIME",
    "KMP_AFFINITY",
    "CUDA_VISIBLE_DEVICES",
    "CUDA_LAUNCH_BLOCKING",
    "NVIDIA_TF32_OVERRIDE",
    "TORCH_CUDNN_V8_API_DISABLED",
    "PYTORCH_CUDA_ALLOC_CONF",
    "LD_PRELOAD",
    "MALLOC_CONF",
)


def _text(path: str) -> str | None:
    try:
        return Path(path).read_text(errors="replace").strip()
    except OSError:
        return None


def cpu_model() -> str:
    """The CPU's name, such as ``AMD EPYC 9B14``; ``unknown CPU`` where nothing tells."""
    for line in (_text("/proc/cpuinfo") or "").splitlines():
        key, _, value = line.partition(":")
        if key.strip() in ("model name", "Model", "Hardware") and value.strip():
            return value.strip()
    return platform.processor() or platform.machine() or "unknown CPU"


def _memory_bytes() -> int | None:
    for line in (_text("/proc/meminfo") or "").splitlines():
        if line.startswith("MemTotal:"):
            return int(line.split()[1]) * 1024
    return None


def governor() -> str | None:
    """The frequency governor of the first usable core, where the system shows one."""
    core = usable_cores()[0]
    return _text(f"/sys/devices/system/cpu/cpu{core}/cpufreq/scaling_governor")


def _load_average() -> list[float] | None:
    return [round(load, 2) for load in os.getloadavg()] if hasattr(os, "getloadavg") else None


def _container() -> str | None:
    """What hints at a container or virtual machine, in a word."""
    if Path("/.dockerenv").exists():
        return "docker"
    if Path("/run/.containerenv").exists():
        return "podman"
    if "KUBERNETES_SERVICE_HOST" in os.environ:
        return "kubernetes"
    flags = _text("/proc/cpuinfo") or ""
    return "virtual machine" if " hypervisor" in flags else None


def cpu_quota() -> float | None:
    """Cores a control group grants at most; None for no limit."""
    text = _text("/sys/fs/cgroup/cpu.max")
    if text is None or text.startswith("max"):
        return None
    quota, _, period = text.partition(" ")
    return int(quota) / int(period) if period.isdigit() and quota.isdigit() else None


def _versions() -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for package in PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            found[package] = None
    return found


def _gpu(device: str) -> dict[str, Any] | None:
    """Name, UUID, driver, the driver's CUDA, memory, power cap and ECC of ``cuda[:N]``, by NVML."""
    nvml = load_nvml()
    handle = find_gpu(nvml, device) if nvml is not None else None
    if nvml is None or handle is None:
        return None
    questions = {
        "name": lambda: nvml.nvmlDeviceGetName(handle),
        "uuid": lambda: nvml.nvmlDeviceGetUUID(handle),  # which of several alike: one may be slow
        "driver": lambda: nvml.nvmlSystemGetDriverVersion(),
        "driver_cuda": lambda: nvml.nvmlSystemGetCudaDriverVersion(),
        "memory_bytes": lambda: nvml.nvmlDeviceGetMemoryInfo(handle).total,
        "power_limit_w": lambda: nvml.nvmlDeviceGetEnforcedPowerLimit(handle) / 1e3,
        "power_limit_default_w": lambda: (
            nvml.nvmlDeviceGetPowerManagementDefaultLimit(handle) / 1e3
        ),
        "sm_clock_max_mhz": lambda: nvml.nvmlDeviceGetMaxClockInfo(handle, 1),
        "ecc": lambda: bool(nvml.nvmlDeviceGetEccMode(handle)[0]),
    }
    return {key: _answer(question) for key, question in questions.items()}


def _answer(question: Any) -> Any:
    try:
        answer = question()
    except Exception:  # this card or driver does not tell that one figure
        return None
    return answer.decode() if isinstance(answer, bytes) else answer


def torch_facts(device: str) -> dict[str, Any]:
    """Runner side: what only torch can tell, of its build and its switches. Imports torch."""
    import torch

    facts: dict[str, Any] = {
        "threads": torch.get_num_threads(),
        "mkldnn": bool(torch.backends.mkldnn.is_available()),  # type: ignore[no-untyped-call]
        "cpu_capability": torch.backends.cpu.get_cpu_capability(),
        "debug_build": bool(torch.version.debug),
        "keeps_memory": keeps_memory(),
        "deterministic_algorithms": torch.are_deterministic_algorithms_enabled(),
        "cuda": torch.version.cuda,
    }
    if device.startswith("cuda"):
        facts |= {
            "cudnn": torch.backends.cudnn.version(),  # type: ignore[no-untyped-call]
            "cudnn_benchmark": torch.backends.cudnn.benchmark,
            "cudnn_deterministic": torch.backends.cudnn.deterministic,
            "tf32_matmul": torch.backends.cuda.matmul.allow_tf32,
            "tf32_cudnn": torch.backends.cudnn.allow_tf32,
            "capability": list(torch.cuda.get_device_capability(device)),
        }
    return facts


def environment(device: str = "cpu", threads: int = 0) -> dict[str, Any]:
    """All that could explain a figure measured now on ``cpu`` or ``cuda[:N]``.

    Every value is JSON; what the machine does not tell is None. Nothing names the user, the host
    or a path. ``threads`` is what the timing was asked to use.
    """
    cores = usable_cores()
    variables = (*THREAD_VARIABLES, *OTHER_VARIABLES)
    return {
        "device": device_name(device, threads),
        "cpu": {
            "model": cpu_model(),
            "architecture": platform.machine(),
            "cores": os.cpu_count(),
            "cores_usable": len(cores),
            "quota": cpu_quota(),
            "threads": thread_count(threads),
            "governor": governor(),
            "load_average": _load_average(),
            "memory_bytes": _memory_bytes(),
        },
        "gpu": _gpu(device) if device.startswith("cuda") else None,
        "versions": {"python": platform.python_version(), **_versions()},
        "variables": {
            name: Path(os.environ[name]).name for name in variables if os.environ.get(name)
        },
        "system": {
            "os": platform.system(),
            "kernel": platform.release(),
            "libc": "-".join(platform.libc_ver()) or None,
            "container": _container(),
        },
    }


def device_name(device: str, threads: int = 0) -> str:
    """``cuda:NVIDIA H200`` or ``cpu:AMD EPYC 9B14 (2 threads)``: what figures are compared by.

    Which of several equal GPUs it was makes no difference; how many CPU threads does.
    """
    if device.startswith("cuda"):
        return f"cuda:{(_gpu(device) or {}).get('name') or 'unknown GPU'}"
    count = thread_count(threads)
    return f"cpu:{cpu_model()} ({number_of(count, 'thread')})"
