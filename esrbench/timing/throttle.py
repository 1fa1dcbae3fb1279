"""Judge side: what the GPU does while a block runs (NVML), read by a thread of the judge.

Without a GPU, without NVML or without the right to ask, every figure is None; nothing here raises.
Not yet run on a GPU; tested with an NVML that is a fake.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from esrbench.timing.lane import DeviceState
from esrbench.timing.nvml import clock_event_reasons, find_gpu, load_nvml

HARMFUL_REASONS = {
    0x4: "power cap",
    0x8: "hardware slowdown",
    0x20: "software thermal slowdown",
    0x40: "hardware thermal slowdown",
    0x80: "hardware power brake",
}
"""NVML's clock event reasons that spoil a timing (idle, application clocks and sync boost do not).

Values of ``nvmlClocksEventReason*`` in nvml.h."""
PERIOD_SECONDS = 0.05
_SM_CLOCK = 1
_TEMPERATURE_GPU = 0


@dataclass(frozen=True)
class Sample:
    """One reading; None is what the card would not tell."""

    clock_mhz: float | None
    temperature_c: float | None
    power_w: float | None
    reasons: int | None


def reason_names(bits: int) -> tuple[str, ...]:
    """The harmful reasons among ``bits``."""
    return tuple(name for bit, name in HARMFUL_REASONS.items() if bits & bit)


def combine(samples: list[Sample], energy_j: float | None) -> DeviceState:
    """Lowest clock, highest temperature and power, and every reason seen."""
    clocks = [s.clock_mhz for s in samples if s.clock_mhz is not None]
    temperatures = [s.temperature_c for s in samples if s.temperature_c is not None]
    powers = [s.power_w for s in samples if s.power_w is not None]
    told = [s.reasons for s in samples if s.reasons is not None]
    bits = 0
    for reasons in told:
        bits |= reasons
    return DeviceState(
        clock_mhz=min(clocks, default=None),
        temperature_c=max(temperatures, default=None),
        power_w=max(powers, default=None),
        energy_j=energy_j,
        throttled=bool(reason_names(bits)) if told else None,
        reasons=reason_names(bits),
    )


class GpuWatch:
    """Reads one GPU while a block runs: ``watch.start()``, the block, ``watch.stop()``."""

    def __init__(self, nvml: Any, handle: Any) -> None:
        """Both as ``timing.nvml`` gives them."""
        self._nvml = nvml
        self._handle = handle
        self._samples: list[Sample] = []
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None
        self._energy_mj: float | None = None

    def _ask(self, question: Callable[[], Any], unit: float = 1.0) -> float | None:
        try:
            return float(question()) * unit
        except Exception:  # this card or driver does not tell that one figure
            return None

    def sample(self) -> Sample:
        """One reading, now."""
        nvml, gpu = self._nvml, self._handle
        reasons = self._ask(lambda: clock_event_reasons(nvml, gpu))
        return Sample(
            clock_mhz=self._ask(lambda: nvml.nvmlDeviceGetClockInfo(gpu, _SM_CLOCK)),
            temperature_c=self._ask(lambda: nvml.nvmlDeviceGetTemperature(gpu, _TEMPERATURE_GPU)),
            power_w=self._ask(lambda: nvml.nvmlDeviceGetPowerUsage(gpu), 1e-3),
            reasons=None if reasons is None else int(reasons),
        )

    def _energy(self) -> float | None:
        return self._ask(lambda: self._nvml.nvmlDeviceGetTotalEnergyConsumption(self._handle))

    def _loop(self) -> None:
        while not self._ended.wait(PERIOD_SECONDS):
            self._samples.append(self.sample())

    def start(self) -> None:
        """Begin to read."""
        self._samples = []
        self._ended.clear()
        self._energy_mj = self._energy()
        self._thread = threading.Thread(target=self._loop, daemon=True)
        self._thread.start()

    def stop(self) -> DeviceState:
        """End, and say what was seen; a block shorter than a period is read once, at its end."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        used = self._energy()
        joules = None
        if used is not None and self._energy_mj is not None:
            joules = (used - self._energy_mj) / 1e3
        return combine(self._samples or [self.sample()], joules)


def watch_device(device: str) -> GpuWatch | None:
    """A watch of ``cuda[:N]``; None for a CPU and where NVML does not answer."""
    if not device.startswith("cuda"):
        return None
    nvml = load_nvml()
    handle = find_gpu(nvml, device) if nvml is not None else None
    return GpuWatch(nvml, handle) if handle is not None else None
