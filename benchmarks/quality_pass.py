"""The whole quality pass over a dataset against the bare forward loop of the same model.

The peer is a loop of forwards over LR images that are already tensors, in a process of its own on
the same threads: no decoding, no transfer, no metric. The two take turns batch by batch: before
the pass sends a batch, it is held while the peer runs over the same images. Each batch so has a
ratio of its own, of two stretches of a second or two that follow each other, and a machine whose
speed wanders does not decide the figure. The pass is made twice a round: on images that are still
files, and on images that are decoded already, as they are in ``esrbench score``, which reads the
dataset while the runner starts. The first round warms up and does not count.

    python benchmarks/quality_pass.py [--dataset B100] [--submission rlfn/rlfn] [--rounds 3]
"""

from __future__ import annotations

import argparse
import math
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from esrbench.data.catalogue import load_catalogue
from esrbench.data.dataset import Dataset, open_dataset
from esrbench.judge.connection import Runner
from esrbench.judge.imaging import Imaging
from esrbench.judge.launch import load_into, open_runner
from esrbench.judge.machine import Machine
from esrbench.judge.pictures import PictureKeeper
from esrbench.judge.quality import BATCH, quality_pass
from esrbench.metrics.scorer import Scorer
from esrbench.runner.requests import Pool, TimeBlock
from esrbench.submission.find import find
from esrbench.submission.submission import Submission
from esrbench.submission.weights import WeightsUnavailable, locate_weights
from esrbench.timing.environment import device_name
from esrbench.timing.statistics import ratio_interval

KEYS = ("psnr_y", "ssim_y", "psnr_rgb", "ssim_rgb")


def started(submission: Submission, machine: Machine) -> Runner:
    """A runner that has the submission loaded; without weights the values of build() do."""
    try:
        weights = locate_weights(submission, offline=True)
    except WeightsUnavailable:
        weights = None
    runner = open_runner(machine, submission, weights)
    load_into(runner, submission, weights, machine)
    return runner


@dataclass
class BareLoop:
    """The peer: forwards over images that its runner holds as tensors."""

    runner: Runner
    images: int

    @classmethod
    def over(cls, dataset: Dataset, runner: Runner, data_range: float) -> BareLoop:
        """The loop over a whole dataset, its LR handed to ``runner``."""
        images = [pair.read_lr() for pair in dataset.pairs]
        flat = runner.lr[0].view((sum(image.size for image in images),))
        planes = [image.transpose(2, 0, 1).reshape(-1) for image in images]
        flat[...] = np.concatenate(planes) * np.float32(data_range / 255)
        runner.ask(Pool(sizes=tuple((image.shape[0], image.shape[1]) for image in images)))
        return cls(runner, len(images))

    def seconds(self, batch: int) -> float:
        """The forwards of one batch, by the runner's clock."""
        order = list(range(self.images))[batch * BATCH : (batch + 1) * BATCH]
        answer = self.runner.ask(
            TimeBlock(indices=tuple(order), gains=(1.0,) * len(order), room=2**26, policy="block")
        )
        return sum(answer.call_ms) / 1e3


@dataclass(frozen=True)
class HeldImaging(Imaging):
    """Calls ``hold`` before the first forward of each batch, while nothing else is under way."""

    hold: Callable[[], None] = lambda: None
    _sent: list[int] = field(default_factory=list)

    def send(self, lr: NDArray[np.uint8], slot: int = 0) -> tuple[int, ...]:
        """As Imaging, after a hold where a batch begins."""
        if len(self._sent) % BATCH == 0:
            self.hold()
        self._sent.append(slot)
        return super().send(lr, slot)


@dataclass
class InTurn:
    """One pass, held before each batch for the bare loop over it; seconds of both, by batch."""

    loop: BareLoop
    forwards: list[float] = field(default_factory=list)
    judged: list[float] = field(default_factory=list)
    """What comes before the first batch (its decoding) is counted with it."""
    _since: float = 0.0

    def run(
        self, runner: Runner, dataset: Dataset, submission: Submission, scorer: Scorer
    ) -> InTurn:
        """The judge's pass, decoding, transfer, metrics and pictures included."""
        imaging = HeldImaging(runner, submission.scale, submission.data_range, hold=self._hold)
        with tempfile.TemporaryDirectory() as folder:
            pictures = PictureKeeper(Path(folder), "benchmark", submission.scale)
            self._since = time.perf_counter()
            quality_pass(imaging, dataset, scorer, keep=pictures.keep, progress=lambda _: None)
            self._end_stretch()
        before, *batches = self.judged
        batches[0] += before
        self.judged = batches
        return self

    def _hold(self) -> None:
        self._end_stretch()
        self.forwards.append(self.loop.seconds(len(self.forwards)))
        self._since = time.perf_counter()

    def _end_stretch(self) -> None:
        self.judged.append(time.perf_counter() - self._since)

    def log_ratios(self) -> list[float]:
        """Of each batch, the pass over the loop."""
        return [math.log(a / b) for a, b in zip(self.judged, self.forwards, strict=True)]


def main() -> None:
    """Print seconds of both for each round, and the ratio of a batch with its interval."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--dataset", default="B100" if os.environ.get("ESRBENCH_DATA_ROOT") else "skimage8"
    )
    parser.add_argument("--submission", default="rlfn/rlfn")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    submission, machine = find(options.submission, scale=4), Machine()
    root = os.environ.get("ESRBENCH_DATA_ROOT")

    def opened() -> Dataset:
        return open_dataset(
            options.dataset, 4, data_root=Path(root) if root else None, catalogue=load_catalogue()
        )

    dataset, scorer = opened(), Scorer(KEYS, crop=4)
    print(f"{submission.label} x4, {dataset.name}: {len(dataset.pairs)} images")
    print(device_name("cpu"))
    print(f"  {'images':8} {'forwards':>10} {'pass':>10}   ratio")
    found: dict[str, list[float]] = {"files": [], "decoded": []}
    with started(submission, machine) as bare, started(submission, machine) as judged:
        loop = BareLoop.over(dataset, bare, submission.data_range)
        for number in range(options.rounds + 1):
            fresh = opened()  # whose images are read during the first pass and held for the second
            for what, ratios in found.items():
                turn = InTurn(loop).run(judged, fresh, submission, scorer)
                if number == 0:
                    continue
                ratios += turn.log_ratios()
                forwards, seconds = sum(turn.forwards), sum(turn.judged)
                print(f"  {what:8} {forwards:8.2f} s {seconds:8.2f} s   {seconds / forwards:.3f}")
    for what, ratios in found.items():
        ratio = ratio_interval(ratios, 0.95)
        print(
            f"  {what}: {ratio.value:.3f} of the bare loop "
            f"(95% {ratio.low:.3f} to {ratio.high:.3f}, {len(ratios)} batches)"
        )


if __name__ == "__main__":
    main()
