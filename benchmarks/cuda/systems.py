"""The reference systems, loaded in runners on the device."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from esrbench.data.catalogue import load_catalogue
from esrbench.data.dataset import Dataset, open_dataset
from esrbench.judge.connection import Runner
from esrbench.judge.inputs import timing_inputs
from esrbench.judge.lane import Images, RunnerLane
from esrbench.judge.launch import load_into, open_runner
from esrbench.judge.weights import weights_at_hand
from esrbench.protocol.schema import parse_shape
from esrbench.submission.find import find
from esrbench.submission.submission import Submission

from .setting import Setting

SCALE = 4
SYSTEMS = (
    "span/c28", "rlfn/ntire", "imdn", "rfdn", "efdn", "bsrn/s", "etds/t", "ecbsr/m4c16",
    "quicksrnet/small", "seemore/t", "svan/b7", "safmn",
)  # fmt: skip
DRY_SYSTEMS = ("ecbsr/m4c16", "quicksrnet/small")
"""Small enough for a CPU that has other things to do."""


def systems(setting: Setting) -> tuple[str, ...]:
    """Those that are measured."""
    return DRY_SYSTEMS if setting.dry else SYSTEMS


def images(setting: Setting, shape: str) -> Images:
    """Natural LR images of ``shape`` to time on."""
    _, _, height, width = parse_shape(shape)
    pool = timing_inputs([pair.read_lr() for pair in dataset(setting).pairs], height, width)
    return pool[:4] if setting.dry else pool


def dataset(setting: Setting) -> Dataset:
    """What qualities are looked at on."""
    return open_dataset(
        setting.dataset, SCALE, data_root=setting.data_root, catalogue=load_catalogue()
    )


@dataclass(frozen=True)
class Ready:
    """A system in its runner."""

    submission: Submission
    runner: Runner
    weights: Path | None
    setting: Setting

    def load(self, track: str) -> None:
        """Load it anew, to be run as ``track`` says; raises SubmissionError where it cannot."""
        load_into(self.runner, self.submission, self.weights, self.setting.machine(track))

    def lane(self) -> RunnerLane:
        """It, to be timed."""
        return RunnerLane(
            label=self.submission.label,
            runner=self.runner,
            scale=SCALE,
            data_range=self.submission.data_range,
            inputs=lambda shape: images(self.setting, shape),
        )


@contextmanager
def ready(name: str, setting: Setting, track: str = "fp32") -> Iterator[Ready]:
    """``name``, loaded; its runner may compile, so that any track can be loaded later."""
    submission = find(name, scale=SCALE)
    weights = weights_at_hand(submission, weights_dir=setting.weights_dir).path
    with open_runner(setting.machine("compile"), submission, weights) as runner:
        system = Ready(submission, runner, weights, setting)
        system.load(track)
        yield system
