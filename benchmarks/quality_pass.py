"""The whole quality pass over a dataset against the bare forward loop of the same model.

The peer is a loop of forwards over LR images that are already tensors, in a process of its own on
the same threads: no decoding, no transfer, no metric. It and the pass take turns, and each round's
ratio stands by itself; the first round warms up and does not count. The pass is made twice a round:
on images that are still files, and on images that are decoded already, as they are in ``esrbench
score``, which reads the dataset while the runner starts.

    python benchmarks/quality_pass.py [--dataset B100] [--submission rlfn/ntire] [--rounds 3]
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np

from esrbench.data.catalogue import load_catalogue
from esrbench.data.dataset import Dataset, open_dataset
from esrbench.judge.connection import Runner
from esrbench.judge.imaging import Imaging
from esrbench.judge.launch import Machine, load_into
from esrbench.judge.pictures import PictureKeeper
from esrbench.judge.quality import quality_pass
from esrbench.metrics.scorer import Scorer
from esrbench.submission.find import find
from esrbench.submission.submission import Submission
from esrbench.submission.weights import WeightsUnavailable, locate_weights
from esrbench.timing.environment import device_name

KEYS = ("psnr_y", "ssim_y", "psnr_rgb", "ssim_rgb")


def started(submission: Submission, machine: Machine) -> Runner:
    """A runner that has the submission loaded; without weights the values of build() do."""
    runner = Runner(machine.limits)
    try:
        weights = locate_weights(submission, offline=True)
    except WeightsUnavailable:
        weights = None
    load_into(runner, submission, weights, machine)
    return runner


def bare_seconds(runner: Runner, dataset: Dataset, data_range: float) -> float:
    """The bare loop inside the runner: every image once, as one block of calls."""
    images = [pair.read_lr() for pair in dataset.pairs]
    flat = runner.lr[0].view((sum(image.size for image in images),))
    planes = [image.transpose(2, 0, 1).reshape(-1) for image in images]
    flat[...] = np.concatenate(planes) * np.float32(data_range / 255)
    runner.ask("pool", sizes=[list(image.shape[:2]) for image in images])
    order = list(range(len(images)))
    answer = runner.ask("block", indices=order, gains=[1.0] * len(order), keep=0, policy="block")
    return sum(answer["times"]["call_ms"]) / 1e3


def pass_seconds(runner: Runner, dataset: Dataset, submission: Submission, scorer: Scorer) -> float:
    """The judge's pass, decoding, transfer, metrics and pictures included."""
    imaging = Imaging(runner, submission.scale, submission.data_range)
    with tempfile.TemporaryDirectory() as folder:
        pictures = PictureKeeper(Path(folder), "benchmark", submission.scale)
        begun = time.perf_counter()
        quality_pass(imaging, dataset, scorer, keep=pictures.keep, progress=lambda _: None)
        return time.perf_counter() - begun


def main() -> None:
    """Print seconds of both, and their ratio, for each round."""
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
    ratios: dict[str, list[float]] = {"decoding": [], "decoded": []}
    print("  forwards   pass, decoding   ratio   pass, decoded   ratio")
    with started(submission, machine) as bare, started(submission, machine) as judged:
        for number in range(options.rounds + 1):
            fresh = opened()
            before = bare_seconds(bare, dataset, submission.data_range)
            decoding = pass_seconds(judged, fresh, submission, scorer)
            between = bare_seconds(bare, dataset, submission.data_range)
            decoded = pass_seconds(judged, fresh, submission, scorer)
            after = bare_seconds(bare, dataset, submission.data_range)
            if number == 0:
                continue
            # A loop on either side of each pass, so that a machine that speeds up favours none.
            ratios["decoding"].append(2 * decoding / (before + between))
            ratios["decoded"].append(2 * decoded / (between + after))
            print(
                f"  {between:6.2f} s   {decoding:12.2f} s   {ratios['decoding'][-1]:.3f}"
                f"   {decoded:11.2f} s   {ratios['decoded'][-1]:.3f}"
            )
    for what, found in ratios.items():
        print(f"  {what:9} median ratio {statistics.median(found):.3f}")


if __name__ == "__main__":
    main()
