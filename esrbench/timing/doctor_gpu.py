"""What NVML says of the GPU that would spoil a timing. Not yet run on a GPU; tested with a fake."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

from esrbench.timing.finding import Finding
from esrbench.timing.nvml import clock_event_reasons, find_gpu, load_nvml
from esrbench.timing.throttle import reason_names

_SM_CLOCK = 1
_PROHIBITED, _EXCLUSIVE = 2, 3
"""``nvmlComputeMode_t`` in nvml.h."""
LOW_CLOCK = 0.9
"""An allowed clock below this share of the card's highest is worth a word."""


def _ask(question: Callable[[], Any]) -> Any:
    try:
        return question()
    except Exception:  # this card or driver does not tell that one figure
        return None


def judge_neighbours(nvml: Any, gpu: Any) -> Finding | None:
    """Other processes that compute or draw on this GPU."""
    computing = _ask(lambda: nvml.nvmlDeviceGetComputeRunningProcesses(gpu)) or []
    drawing = _ask(lambda: nvml.nvmlDeviceGetGraphicsRunningProcesses(gpu)) or []
    found = {process.pid for process in [*computing, *drawing]} - {os.getpid()}
    if not found:
        return None
    return Finding(
        "bad",
        "gpu",
        f"{len(found)} other process(es) use this GPU: {', '.join(map(str, sorted(found)))}.",
        "End them, or choose another GPU with CUDA_VISIBLE_DEVICES.",
    )


def judge_mode(nvml: Any, gpu: Any) -> Finding | None:
    """A compute mode that lets no second process on the card: the baseline is one."""
    mode = _ask(lambda: nvml.nvmlDeviceGetComputeMode(gpu))
    if mode not in (_PROHIBITED, _EXCLUSIVE):
        return None
    return Finding(
        "bad",
        "gpu",
        "The GPU's compute mode lets "
        f"{'no process' if mode == _PROHIBITED else 'one process alone'} compute on it; a "
        "submission and the baseline it is timed against are two.",
        "Run 'sudo nvidia-smi -c DEFAULT'.",
    )


def judge_power(nvml: Any, gpu: Any) -> Finding | None:
    """A power cap under the card's default."""
    limit = _ask(lambda: nvml.nvmlDeviceGetEnforcedPowerLimit(gpu))
    default = _ask(lambda: nvml.nvmlDeviceGetPowerManagementDefaultLimit(gpu))
    if not limit or not default or limit >= default:
        return None
    return Finding(
        "warn",
        "gpu",
        f"Power is capped at {limit / 1e3:.0f} W; this card's default is {default / 1e3:.0f} W.",
        f"Run 'sudo nvidia-smi -pl {default / 1e3:.0f}', or compare only under the same cap.",
    )


def judge_clocks(nvml: Any, gpu: Any) -> Iterator[Finding]:
    """Application clocks set low, and slowdowns in force right now."""
    allowed = _ask(lambda: nvml.nvmlDeviceGetApplicationsClock(gpu, _SM_CLOCK))
    highest = _ask(lambda: nvml.nvmlDeviceGetMaxClockInfo(gpu, _SM_CLOCK))
    if allowed and highest and allowed < LOW_CLOCK * highest:
        yield Finding(
            "warn",
            "gpu",
            f"The SM clock is set to {allowed} MHz; this card reaches {highest} MHz.",
            "Run 'sudo nvidia-smi -rac' unless the low clock is meant, for steadiness.",
        )
    bits = _ask(lambda: clock_event_reasons(nvml, gpu))
    names = reason_names(int(bits or 0))
    if names:
        yield Finding(
            "bad", "gpu", f"The GPU is slowed down now: {', '.join(names)}.", "Let it cool down."
        )


def judge_ecc(nvml: Any, gpu: Any) -> Finding | None:
    """ECC takes a little bandwidth on cards without HBM; worth knowing in a comparison."""
    mode = _ask(lambda: nvml.nvmlDeviceGetEccMode(gpu))
    if mode is None:
        return None
    return Finding("ok", "gpu", f"ECC is {'on' if mode[0] else 'off'}; compare like with like.")


_JUDGES = (judge_neighbours, judge_mode, judge_power, judge_ecc)


def examine_gpu(device: str) -> list[Finding]:
    """Findings on ``cuda[:N]``; for a CPU, only what goes unmeasured without a GPU."""
    nvml = load_nvml()
    gpu = find_gpu(nvml, device if device.startswith("cuda") else "cuda") if nvml else None
    if nvml is None or gpu is None:
        return [
            Finding(
                "bad" if device.startswith("cuda") else "warn",
                "gpu",
                "No NVIDIA GPU answers: CUDA events, GPU memory, clocks and energy cannot be "
                "measured here, nor the policies 'graph' and 'stream' as they are meant.",
                "Time on the CPU, or install the NVIDIA driver if there is a card.",
            )
        ]
    name = _ask(lambda: nvml.nvmlDeviceGetName(gpu))
    name = name.decode() if isinstance(name, bytes) else name
    findings = [Finding("ok", "gpu", f"GPU: {name}.")]
    maybe = [judge(nvml, gpu) for judge in _JUDGES]
    return findings + [f for f in maybe if f is not None] + list(judge_clocks(nvml, gpu))
