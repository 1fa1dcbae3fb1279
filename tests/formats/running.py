"""Load what `find` finds in a runner of its own, and run it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from esrbench.judge.imaging import Imaging
from esrbench.judge.launch import load_into, open_runner
from esrbench.judge.machine import Machine
from esrbench.runner.answers import Counted
from esrbench.runner.requests import Count
from esrbench.submission.submission import Submission

LR = np.random.default_rng(0).integers(0, 256, (2, 13, 17, 3), dtype=np.uint8)


def output(found: Submission, weights: Path | None = None, track: str | None = None) -> np.ndarray:
    """SR of ``LR`` as ``(2, 3, 52, 68)``, in [0, data_range]."""
    machine = Machine(threads=1, track=track)
    with open_runner(machine, found, weights) as runner:
        load_into(runner, found, weights, machine)
        return Imaging(runner, found.scale, found.data_range).forward(LR).sr


def counts(found: Submission) -> Counted:
    """The counts at 1x3x8x8."""
    machine = Machine(threads=1)
    with open_runner(machine, found) as runner:
        load_into(runner, found, None, machine)
        return runner.ask(Count(shape=(1, 3, 8, 8)))
