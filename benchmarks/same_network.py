"""Is a network of a public repository the one that comes with esrbench?

    python benchmarks/same_network.py REPO/options/test/x4.yml bsrn [VARIANT] [--weights FILE]
    python benchmarks/same_network.py --all FOLDER_OF_REPOSITORIES [--onto docs/repositories.md]

Both are loaded in runners of their own, the bundled one with the values that the repository's has
(its checkpoint's, or whatever its constructor drew). Printed: params and MACs of each at
1x3x32x32, and the largest difference of their outputs to a photograph, of the data range. ``--all``
compares each of ``PAIRS`` whose repository is there, and ``--onto`` puts the table of them into a
page.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from esrbench.data.catalogue import load_catalogue
from esrbench.data.dataset import open_dataset
from esrbench.judge.imaging import Imaging
from esrbench.judge.launch import load_into, open_runner
from esrbench.judge.machine import Machine
from esrbench.runner.requests import Count, WriteWeights
from esrbench.submission.find import find
from esrbench.submission.submission import Submission
from esrbench.submission.weights import WeightsUnavailable, locate_weights

LR_SIDES = (34, 39)
HEAD = "| | params | MACs at 32x32 | outputs apart, of the range |"
RULE = "|---|---|---:|---:|"


@dataclass(frozen=True)
class Pair:
    """A public network and the bundled one it is to be."""

    title: str
    option: str
    """Inside the folder of repositories."""
    bundled: str
    variant: str | None = None
    weights: str | None = None
    """A file of the repository, where the options name none."""


PAIRS = (
    Pair("BSRN x2", "BSRN/options/test/benchmark_BSRN_x2.yml", "bsrn", "bsrn"),
    Pair("BSRN x3", "BSRN/options/test/benchmark_BSRN_x3.yml", "bsrn", "bsrn"),
    Pair("BSRN x4", "BSRN/options/test/benchmark_BSRN_x4.yml", "bsrn", "bsrn"),
    Pair("BSRN-S x4", "BSRN/options/test/benchmark_BSRN-S_x4.yml", "bsrn", "s"),
    Pair("VapSR x2", "VapSR/options/train/VapSR_X2.yml", "vapsr", "vapsr", "VapSR_X2.pth"),
    Pair("VapSR x3", "VapSR/options/train/VapSR_X3.yml", "vapsr", "vapsr", "VapSR_X3.pth"),
    Pair("VapSR x4", "VapSR/options/test/VapSR_X4.yml", "vapsr", "vapsr"),
    Pair("VapSR-S x4", "VapSR/options/train/VapSR-S.yml", "vapsr", "s", "VapSR-S.pth"),
    Pair("SAFMN x4", "SAFMN/options/test/SAFMN/test_benchmark_x4.yml", "safmn", "safmn"),
    Pair("SAFMN-L x4", "SAFMN/options/test/SAFMN/test_L_benchmark_x4.yml", "safmn", "l"),
    Pair("ShuffleMixer x4", "ShuffleMixer/options/test/ShuffleMixer/test_base_benchmark_x4.yml",
         "shufflemixer", "base"),
    Pair("ShuffleMixer-tiny x4",
         "ShuffleMixer/options/test/ShuffleMixer/test_tiny_benchmark_x4.yml",
         "shufflemixer", "tiny"),
    Pair("SeemoRe-T x4", "seemoredetails/options/super_resolution/test/test_SeemoRe_T_X4.yml",
         "seemore", "t"),
    Pair("SeemoRe-B x4", "seemoredetails/options/super_resolution/test/test_SeemoRe_B_X4.yml",
         "seemore", "b"),
    Pair("SeemoRe-L x4", "seemoredetails/options/super_resolution/test/test_SeemoRe_L_X4.yml",
         "seemore", "l"),
)  # fmt: skip


@dataclass(frozen=True)
class Figures:
    """What one of the two is found to be."""

    params: int
    macs: int | None
    sr: np.ndarray
    """In [0, 1]."""


@dataclass(frozen=True)
class Compared:
    """The public network, the bundled one, and how far their outputs are apart."""

    names: tuple[str, str]
    theirs: Figures
    ours: Figures

    @property
    def apart(self) -> float:
        """The largest difference, of the data range."""
        return float(np.abs(self.theirs.sr - self.ours.sr).max())

    def sentence(self) -> str:
        """All of it in a line."""
        return (
            f"{' and '.join(self.names)}: params {self.theirs.params:,} and {self.ours.params:,}, "
            f"MACs {self.theirs.macs:,} and {self.ours.macs:,} at 1x3x32x32, "
            f"outputs {self.apart:.2g} apart"
        )

    def row(self, title: str) -> str:
        """A row of the table under ``HEAD``."""
        params = _alike(self.theirs.params, self.ours.params)
        macs = _alike(self.theirs.macs, self.ours.macs)
        return f"| {title} | {params} | {macs} | {self.apart:.2g} |"


def _alike(theirs: int | None, ours: int | None) -> str:
    return f"equal: {ours:,}" if theirs == ours else f"{theirs:,}, here {ours:,}"


def figures(found: Submission, weights: Path | None, keep: Path | None = None) -> Figures:
    """Params, MACs and SR; the network's values are written to ``keep``."""
    machine = Machine(threads=1)
    with open_runner(machine, found, weights, outbox=keep is not None) as runner:
        load_into(runner, found, weights, machine)
        imaging = Imaging(runner, found.scale, found.data_range, trained=False)
        sr = imaging.forward(_photograph(found.scale)).sr / found.data_range
        counted = runner.ask(Count(shape=(1, 3, 32, 32)))
        if keep is not None:
            made = runner.outbox / keep.name
            runner.ask(WriteWeights(path=str(made)))
            keep.write_bytes(made.read_bytes())
    return Figures(counted.params, counted.macs_dispatch, sr)


def _photograph(scale: int) -> np.ndarray:
    """A part of a built-in LR image ``(1, H, W, 3)``: noise drives some networks to outputs of a
    hundred times the range, and what rounds there with them."""
    dataset = open_dataset("skimage8", scale, data_root=None, catalogue=load_catalogue())
    height, width = LR_SIDES
    return np.ascontiguousarray(dataset.pairs[0].read_lr()[None, :height, :width])


def compared(option: str, bundled: str, variant: str | None, checkpoint: Path | None) -> Compared:
    """The network of ``option`` beside the bundled one, with the same values."""
    theirs = find(option, checkpoint=checkpoint)
    try:
        weights = locate_weights(theirs, offline=True)
    except WeightsUnavailable:
        weights = None
    with TemporaryDirectory() as folder:
        kept = Path(folder) / "weights.safetensors"
        found = figures(theirs, weights, kept)
        ours = find(bundled, variant=variant, scale=theirs.scale, checkpoint=kept)
        return Compared((theirs.label, f"{ours.label} x{ours.scale}"), found, figures(ours, kept))


def put_onto(page: str, rows: list[str]) -> str:
    """``page`` with ``rows`` in its table under ``HEAD``, in the place of what was there."""
    before, _, behind = page.partition(f"{HEAD}\n{RULE}\n")
    lines = behind.split("\n")
    old = next(place for place, line in enumerate(lines) if not line.startswith("|"))
    return "\n".join([f"{before}{HEAD}", RULE, *rows, *lines[old:]])


def main() -> None:
    """Compare the two, or all, and print what differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("option", nargs="?")
    parser.add_argument("bundled", nargs="?")
    parser.add_argument("variant", nargs="?")
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--all", type=Path, metavar="FOLDER")
    parser.add_argument("--onto", type=Path, help="A page whose table takes the rows.")
    given = parser.parse_args()
    if given.all is None:
        print(compared(given.option, given.bundled, given.variant, given.weights).sentence())
        return
    rows = []
    for pair in PAIRS:
        option = given.all / pair.option
        if not option.is_file():
            print(f"{pair.title}: {option} is not there")
            continue
        root = given.all / pair.option.partition("/")[0]
        checkpoint = root / pair.weights if pair.weights else None
        rows.append(compared(str(option), pair.bundled, pair.variant, checkpoint).row(pair.title))
        print(rows[-1], flush=True)
    if given.onto:
        given.onto.write_text(put_onto(given.onto.read_text(), rows))


if __name__ == "__main__":
    main()
