"""The state of a process that a protocol fixes: taken once, put back before each phase, compared.

A submission can turn a switch of torch, take more threads or cores, or set a variable, while it is
built or in a forward. What it turned while it was built is put back and does no harm; what it turns
while it is timed makes its runtime one of another protocol.

The functions that read a state are taken when this module is imported, before a submission is.
What changes no figure but may make the harness's own code fail (warnings as errors) is put back
without a word.
"""

from __future__ import annotations

import contextlib
from typing import Any

import numpy as np

from esrbench.runner import process_settings as process
from esrbench.runner.setting import Setting
from esrbench.runner.torch_settings import TORCH

_ROUNDS = 3
"""Some of torch's switches turn others: what is put back is looked at again."""

SETTINGS: tuple[Setting, ...] = (
    *TORCH,
    Setting("cores", process.cores, process.set_cores),
    Setting("niceness", process.niceness, process.set_niceness),
    Setting("scheduling", process.scheduling, process.set_scheduling),
    Setting("variables", process.variables, process.set_variables),
    Setting("warnings as errors", process.raised_warnings, process.set_raised_warnings, told=False),
    Setting("numpy errors", np.geterr, lambda was: np.seterr(**was), told=False),
)
"""All of them."""


class FixedState:
    """Everything as it is when this is made, and as it is to stay."""

    def __init__(self) -> None:
        self._was = {setting.name: _read(setting) for setting in SETTINGS}

    def changed(self) -> tuple[str, ...]:
        """The names of what is no longer as it was."""
        return tuple(setting.name for setting in self._turned() if setting.told)

    def put_back(self) -> None:
        """Make it what it was, as far as that can be done; :meth:`changed` tells what stayed."""
        for _ in range(_ROUNDS):
            turned = self._turned()
            for setting in turned:
                if setting.write is not None:
                    with contextlib.suppress(Exception):
                        setting.write(self._was[setting.name])
            if not turned:
                return

    def _turned(self) -> list[Setting]:
        return [setting for setting in SETTINGS if _read(setting) != self._was[setting.name]]


def _read(setting: Setting) -> Any:
    try:
        return setting.read()
    except Exception as why:  # torch refuses to read a switch that was set in two ways
        return f"unreadable ({type(why).__name__})"
