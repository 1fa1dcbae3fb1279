"""NVML as its header and manual say: what it answers, in which unit, and when it refuses.

It stands in for the module ``pynvml``; a question that it is not built for has no answer there
either (``NVMLError``). Cards count as they lie on the bus, whatever CUDA_VISIBLE_DEVICES says.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from .cuda import FakeCuda

IDLE, POWER_CAP, HW_SLOWDOWN, SYNC_BOOST, THERMAL = 0x1, 0x4, 0x8, 0x10, 0x40
"""Some of ``nvmlClocksEventReason*`` in nvml.h: bits, of which several can be set at once."""
NOT_SUPPORTED, UNINITIALIZED, NOT_FOUND, INVALID = 3, 1, 6, 2


class NVMLError(Exception):
    """With the number of ``nvmlReturn_t``."""

    def __init__(self, value: int) -> None:
        super().__init__(f"NVML error {value}")
        self.value = value


@dataclass
class Card:
    """What one card would tell; units are NVML's: MHz, milliwatts, millijoules."""

    number: int
    name: str | bytes = "Fake GPU"
    clock: int = 1980
    highest_clock: int = 1980
    application_clock: int | None = None
    temperature: int = 55
    power_mw: int = 250_000
    limit_mw: int = 700_000
    default_limit_mw: int = 700_000
    reasons: int = 0
    energy_mj: int = 0
    energy_a_question: int = 100_000
    ecc: int | None = 1
    memory: int = 80 * 2**30
    mode: int = 0
    """Compute mode: 0 default, 2 prohibited, 3 exclusive process."""
    computing: dict[int, int | None] = field(default_factory=dict)
    """Bytes by process number; None where the driver does not tell them."""
    drawing: dict[int, int | None] = field(default_factory=dict)

    @property
    def uuid(self) -> str:
        return f"GPU-0000000{self.number}-aaaa-bbbb-cccc-dddddddddddd"


class FakeNvml:
    """The module; ``cards`` are the machine's."""

    NVMLError = NVMLError

    def __init__(self, cards: int = 1, cuda: FakeCuda | None = None) -> None:
        self.cards = [Card(number) for number in range(cards)]
        self._cuda = cuda
        self._begun = False

    def nvmlInit(self) -> None:  # noqa: N802
        self._begun = True

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """The functions of the table below; any other is one this NVML lacks."""
        if name not in QUESTIONS:
            raise AttributeError(name)

        def ask(*arguments: Any) -> Any:
            if not self._begun:
                raise NVMLError(UNINITIALIZED)
            answer = QUESTIONS[name](self, *arguments)
            if answer is None:
                raise NVMLError(NOT_SUPPORTED)
            return answer

        return ask

    def by_index(self, index: int) -> Card:
        if not 0 <= index < len(self.cards):
            raise NVMLError(INVALID)
        return self.cards[index]

    def by_uuid(self, uuid: str | bytes) -> Card:
        """Whole UUIDs only: the abbreviations that CUDA_VISIBLE_DEVICES may hold are none."""
        text = uuid.decode() if isinstance(uuid, bytes) else uuid
        for card in self.cards:
            if card.uuid == text:
                return card
        raise NVMLError(NOT_FOUND)

    def energy(self, card: Card) -> int:
        """Only ever more."""
        card.energy_mj += card.energy_a_question
        return card.energy_mj

    def computing(self, card: Card) -> list[Any]:
        """Those told of, and this process where it has a context on a fake device."""
        held = dict(card.computing)
        if self._cuda is not None and card.number < len(self._cuda.devices):
            memory = self._cuda.devices[card.number].memory
            held[os.getpid()] = memory.context + memory.reserved
        return _processes(held)


def _processes(held: dict[int, int | None]) -> list[Any]:
    return [SimpleNamespace(pid=pid, usedGpuMemory=used) for pid, used in held.items()]


def _clock(card: Card, kind: int) -> int:
    if kind not in (0, 1, 2, 3):
        raise NVMLError(INVALID)
    return card.clock


QUESTIONS: dict[str, Callable[..., Any]] = {
    "nvmlSystemGetDriverVersion": lambda nvml: "580.00",
    "nvmlSystemGetCudaDriverVersion": lambda nvml: 13000,
    "nvmlDeviceGetCount": lambda nvml: len(nvml.cards),
    "nvmlDeviceGetHandleByIndex": FakeNvml.by_index,
    "nvmlDeviceGetHandleByUUID": FakeNvml.by_uuid,
    "nvmlDeviceGetUUID": lambda nvml, card: card.uuid,
    "nvmlDeviceGetName": lambda nvml, card: card.name,
    "nvmlDeviceGetMinorNumber": lambda nvml, card: card.number,
    "nvmlDeviceGetClockInfo": lambda nvml, card, kind: _clock(card, kind),
    "nvmlDeviceGetMaxClockInfo": lambda nvml, card, kind: card.highest_clock,
    "nvmlDeviceGetApplicationsClock": lambda nvml, card, kind: card.application_clock,
    "nvmlDeviceGetTemperature": lambda nvml, card, sensor: card.temperature,
    "nvmlDeviceGetPowerUsage": lambda nvml, card: card.power_mw,
    "nvmlDeviceGetEnforcedPowerLimit": lambda nvml, card: card.limit_mw,
    "nvmlDeviceGetPowerManagementDefaultLimit": lambda nvml, card: card.default_limit_mw,
    "nvmlDeviceGetCurrentClocksEventReasons": lambda nvml, card: card.reasons,
    "nvmlDeviceGetCurrentClocksThrottleReasons": lambda nvml, card: card.reasons,
    "nvmlDeviceGetTotalEnergyConsumption": FakeNvml.energy,
    "nvmlDeviceGetEccMode": lambda nvml, card: None if card.ecc is None else (card.ecc, card.ecc),
    "nvmlDeviceGetComputeMode": lambda nvml, card: card.mode,
    "nvmlDeviceGetMemoryInfo": lambda nvml, card: SimpleNamespace(total=card.memory),
    "nvmlDeviceGetComputeRunningProcesses": FakeNvml.computing,
    "nvmlDeviceGetGraphicsRunningProcesses": lambda nvml, card: _processes(card.drawing),
}
