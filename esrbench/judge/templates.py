"""Processes of which a command's runners are forked, so that each of them does not import torch.

Two, since a process that has exported holds torch's compiler, which a runner that counts has not:
what either imports is what it would have imported by itself (``runner/preload.py``). They are also
two so that the submission and what it exports are built with other addresses and hashes, as in any
two processes: one that makes its network of these is seen to be another in each.

Whatever is timed is started as a program, and so is a process that is to be like no other.
"""

from __future__ import annotations

from dataclasses import dataclass

from esrbench.judge.child import child_environment
from esrbench.judge.machine import Machine
from esrbench.runner.preload import EXPORTING, SERVING
from esrbench.sandbox.template import Loan, Template


@dataclass(frozen=True)
class Loans:
    """Those of another process of the same command."""

    serving: Loan
    exporting: Loan

    @property
    def descriptors(self) -> tuple[int, int]:
        """To be passed on to whoever borrows them."""
        return self.serving.control, self.exporting.control


class Templates:
    """Of one machine; each starts when it is first needed, and all end with :meth:`close`.

    ``serving``: of runners that load and count, and of those that run a graph; ``exporting``: of
    those that export. ``lent``: they are another process's, which ends them.
    """

    def __init__(self, machine: Machine, lent: Loans | None = None) -> None:
        self._machine = machine
        threads, tier = machine.threads, machine.tier
        if lent is None:
            self.serving = Template(SERVING, threads, tier)
            self.exporting = Template(EXPORTING, threads, tier, resident=False)
        else:
            self.serving = Template.borrowed(lent.serving, threads, tier)
            self.exporting = Template.borrowed(lent.exporting, threads, tier)

    def launch(self, *, serving: bool, exporting: bool) -> None:
        """Have these begin to import, beside what else goes on, where that is of use.

        One that is needed is waited for by whoever needs it: none imports while something is timed.
        """
        if self._machine.device == "cpu":
            for template, now in ((self.serving, serving), (self.exporting, exporting)):
                if now:
                    template.launch(self._environment())

    def lend(self) -> Loans | None:
        """For a process of this command that is given their descriptors; None where nothing is
        forked."""
        if self._machine.device != "cpu":
            return None
        serving, exporting = (
            template.lend(self._environment()) for template in (self.serving, self.exporting)
        )
        return Loans(serving, exporting) if serving and exporting else None

    def _environment(self) -> dict[str, str]:
        return child_environment("", self._machine.threads, self._machine.device)

    def close(self) -> None:
        """End them."""
        self.serving.close()
        self.exporting.close()
