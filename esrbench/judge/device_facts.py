"""What is found out about the device and its machine, once a command."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

from esrbench.judge.machine import Machine
from esrbench.judge.roofline import device_ceilings
from esrbench.timing.doctor import examine
from esrbench.timing.environment import device_name, environment
from esrbench.timing.finding import Finding

_SELF_TEST_SECONDS = 0.5


class DeviceFacts:
    """Of the device of ``machine``; ``say`` hears what would spoil a timing there."""

    def __init__(self, machine: Machine, say: Callable[[str], None]) -> None:
        self._machine, self._say = machine, say
        self._raised = False

    @cached_property
    def name(self) -> str:
        """As records have it: ``cpu:AMD EPYC 9B14 (2 threads)``."""
        return device_name(self._machine.device, self._machine.threads)

    @cached_property
    def environment(self) -> dict[str, object]:
        """The machine and its software."""
        return environment(self._machine.device, self._machine.threads)

    @cached_property
    def findings(self) -> list[Finding]:
        """What would spoil a timing here; the worst of it is said.

        To be asked before a runner works on the device.
        """
        findings = examine(self._machine.device, self._machine.threads, _SELF_TEST_SECONDS)
        bad = [finding.sentence for finding in findings if finding.level == "bad"]
        if bad:
            self._say(f"Timings may be spoiled here: {' '.join(bad)} (esrbench doctor)")
        return findings

    @cached_property
    def ceilings(self) -> dict[str, Any] | None:
        """What the device can do at best; None where it could not be measured."""
        return self._measured_ceilings(again=False)

    def raise_ceilings(self) -> None:
        """Measure them once more in this command; what was beaten was measured too low."""
        if not self._raised:
            self._raised = True
            self.ceilings = self._measured_ceilings(again=True)

    def _measured_ceilings(self, *, again: bool) -> dict[str, Any] | None:
        versions = self.environment.get("versions")
        return device_ceilings(self._machine, self.name, versions, again=again)
