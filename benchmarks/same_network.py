"""Is a network of a public repository the one that comes with esrbench?

    python benchmarks/same_network.py REPO/options/test/x4.yml bsrn [VARIANT]

Both are loaded in runners of their own, the bundled one with the values that the repository's has
(its checkpoint's, or whatever its constructor drew). Printed: params and MACs of each at
1x3x32x32, and the largest difference of their outputs, of the data range.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from esrbench.judge.imaging import Imaging
from esrbench.judge.launch import load_into, open_runner
from esrbench.judge.machine import Machine
from esrbench.runner.requests import Count, WriteWeights
from esrbench.submission.find import find
from esrbench.submission.submission import Submission
from esrbench.submission.weights import WeightsUnavailable, locate_weights

LR = np.random.default_rng(0).integers(0, 256, (1, 34, 39, 3), dtype=np.uint8)
Figures = tuple[int, int | None, np.ndarray]


def figures(found: Submission, weights: Path | None, keep: Path | None = None) -> Figures:
    """Params, MACs and SR in [0, 1]; the network's values are written to ``keep``."""
    machine = Machine(threads=1)
    with open_runner(machine, found, weights, outbox=keep is not None) as runner:
        load_into(runner, found, weights, machine)
        sr = (
            Imaging(runner, found.scale, found.data_range, trained=False).forward(LR).sr
            / found.data_range
        )
        counted = runner.ask(Count(shape=(1, 3, 32, 32)))
        if keep is not None:
            made = runner.outbox / keep.name
            runner.ask(WriteWeights(path=str(made)))
            keep.write_bytes(made.read_bytes())
    return counted.params, counted.macs_dispatch, sr


def main() -> None:
    """Compare the two and print what differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("option")
    parser.add_argument("bundled")
    parser.add_argument("variant", nargs="?")
    given = parser.parse_args()
    theirs = find(given.option)
    try:
        weights = locate_weights(theirs, offline=True)
    except WeightsUnavailable:
        weights = None
    with TemporaryDirectory() as folder:
        kept = Path(folder) / "weights.safetensors"
        params, macs, sr = figures(theirs, weights, kept)
        ours = find(given.bundled, variant=given.variant, scale=theirs.scale, checkpoint=kept)
        own_params, own_macs, own_sr = figures(ours, kept)
    same = (params, macs) == (own_params, own_macs)
    apart = float(np.abs(sr - own_sr).max())
    print(
        f"{theirs.label} and {ours.label} x{ours.scale}: params {params:,} and {own_params:,}, "
        f"MACs {macs:,} and {own_macs:,} at 1x3x32x32 "
        f"({'equal' if same else 'NOT equal'}), outputs {apart:.2g} apart"
    )


if __name__ == "__main__":
    main()
