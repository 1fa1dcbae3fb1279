"""What do honest networks lose on images that nobody has seen? The margin of flag ``remembers``.

    python benchmarks/generalisation.py --out rows.jsonl [--draws 5] [--dataset skimage8]
    python benchmarks/generalisation.py --table rows.jsonl

Every bundled system with weights at hand, in this process, on twins of the dataset's images as
``esrbench/judge/generalisation.py`` makes them; each draw takes as many images as a score does.
A row is one JSON line, written as soon as it is known; a row that stands is not made again.
"""

from __future__ import annotations

import argparse
import json
import os
import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from esrbench.data.catalogue import load_catalogue
from esrbench.data.dataset import open_dataset
from esrbench.image import Image
from esrbench.judge.generalisation import ASKED, answer_with, compared_by, mean_drop
from esrbench.submission.declared import bundled_names, declared_variants
from esrbench.submission.find import find
from esrbench.submission.load import build_model
from esrbench.submission.luma import adapted
from esrbench.submission.submission import Submission
from esrbench.submission.weights import WeightsUnavailable, locate_weights

Row = dict[str, object]
SCALE = 4


def systems() -> Iterator[tuple[Submission, Path | None]]:
    """Those with weights at hand, or that need none."""
    folder = os.environ.get("ESRBENCH_WEIGHTS_DIR")
    for name in bundled_names():
        for variant in declared_variants(name):
            found = find(name, variant=variant, scale=SCALE)
            try:
                weights = locate_weights(
                    found, weights_dir=Path(folder) if folder else None, offline=True
                )
            except WeightsUnavailable:
                continue
            yield found, weights


def row_of(found: Submission, weights: Path | None, given: argparse.Namespace) -> Row:
    """The mean drop of each draw, dB."""
    module, _ = adapted(
        build_model(
            found.entry_file, found.entry_function, found.build_arguments, found.scale, weights
        ).eval(),
        found.channels, scale=found.scale, data_range=found.data_range,
        multiple=found.multiple, min_size=found.min_size,
    )  # fmt: skip

    def forward(lr: Image) -> np.ndarray:
        x = torch.from_numpy(lr.transpose(2, 0, 1)[None].astype(np.float32))
        sr: Tensor = module(x * (found.data_range / 255))
        return sr[0].permute(1, 2, 0).numpy()

    root = os.environ.get("ESRBENCH_DATA_ROOT")
    dataset = open_dataset(
        given.dataset, SCALE, data_root=Path(root) if root else None, catalogue=load_catalogue()
    )
    drops = []
    for draw in range(given.draws):
        chance = random.Random(draw)
        pairs = chance.sample(list(dataset.pairs), min(ASKED, len(dataset.pairs)))
        answer = answer_with(forward, found.data_range)
        drops.append(mean_drop([compared_by(answer, p, SCALE, SCALE, chance) for p in pairs]))
    return {"network": found.label, "dataset": given.dataset, "drops": drops}


def table(rows: list[Row]) -> str:
    """The largest and the mean drop of each."""
    lines = [
        "| network | images of | draws | mean drop, dB | largest, dB |",
        "|---|---|---|---|---|",
    ]
    for row in rows:
        drops = [float(str(drop)) for drop in row["drops"]]  # type: ignore[attr-defined]
        lines.append(
            f"| {row['network']} | {row['dataset']} | {len(drops)} | {np.mean(drops):+.3f} "
            f"| {max(drops):+.3f} |"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--out", type=Path)
    parser.add_argument("--table", type=Path)
    parser.add_argument("--draws", type=int, default=5)
    parser.add_argument("--dataset", default="skimage8")
    given = parser.parse_args()
    if given.table:
        print(table([json.loads(line) for line in given.table.read_text().splitlines()]))
        return
    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    known = given.out.read_text().splitlines() if given.out.exists() else []
    done = {(row["network"], row["dataset"]) for row in map(json.loads, known)}
    with given.out.open("a") as file:
        for found, weights in systems():
            if (found.label, given.dataset) not in done:
                print(json.dumps(row_of(found, weights, given)), file=file, flush=True)


if __name__ == "__main__":
    main()
