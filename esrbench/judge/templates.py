"""Processes of which a command's runners are forked, so that each of them does not import torch.

Two, since a process that has exported holds torch's compiler, which a runner that counts has not:
what either imports is what it would have imported by itself (``runner/preload.py``). They are also
two so that the submission and what it exports are built with other addresses and hashes, as in any
two processes: one that makes its network of these is seen to be another in each.

Whatever is timed is started as a program, and so is a process that is to be like no other.
"""

from __future__ import annotations

from esrbench.judge.child import child_environment
from esrbench.judge.machine import Machine
from esrbench.runner.preload import EXPORTING, SERVING
from esrbench.sandbox.template import Template


class Templates:
    """Of one machine; each starts when it is first needed, and all end with :meth:`close`."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self.serving = Template(SERVING, machine.threads, machine.tier)
        """Of runners that load and count, and of those that run a graph."""
        self.exporting = Template(EXPORTING, machine.threads, machine.tier, resident=False)

    def launch(self, *, serving: bool, exporting: bool) -> None:
        """Have these begin to import, beside what else goes on, where that is of use.

        One that is needed is waited for by whoever needs it: none imports while something is timed.
        """
        machine = self._machine
        if machine.device == "cpu":
            environment = child_environment("", machine.threads, machine.device)
            for template, now in ((self.serving, serving), (self.exporting, exporting)):
                if now:
                    template.launch(environment)

    def close(self) -> None:
        """End them."""
        self.serving.close()
        self.exporting.close()
