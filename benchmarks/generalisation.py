"""What do honest networks lose on images that nobody has seen? The margin of flag ``remembers``.

    python benchmarks/generalisation.py --out rows.jsonl [--draws 5] [--dataset skimage8] [span ...]
    python benchmarks/generalisation.py --table rows.jsonl

Every bundled x4 system with weights at hand, on twins of the dataset's images as
``esrbench/judge/generalisation.py`` makes them; each draw takes as many images as a score does.
Each has a child process and ``--limit`` seconds; what does not end in them has no row.
A row is one JSON line, written as soon as it is known; a row that stands is not made again.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import torch
from bundled_systems import built, in_turn
from torch import Tensor
from within import Unanswered, within

from esrbench.data.catalogue import load_catalogue
from esrbench.data.dataset import open_dataset
from esrbench.image import Image
from esrbench.judge.generalisation import ASKED, answer_with, compared_by, mean_drop
from esrbench.submission.submission import Submission
from esrbench.submission.weights import WeightsUnavailable, locate_weights

Row = dict[str, object]
SCALE = 4


def systems(only: list[str]) -> Iterator[tuple[Submission, Path | None]]:
    """Those with weights at hand, or that need none."""
    folder = os.environ.get("ESRBENCH_WEIGHTS_DIR")
    for found in in_turn(only):
        if found.scale != SCALE:
            continue
        try:
            weights = locate_weights(
                found, weights_dir=Path(folder) if folder else None, offline=True
            )
        except WeightsUnavailable:
            continue
        yield found, weights


def row_of(found: Submission, weights: Path | None, given: argparse.Namespace) -> Row:
    """The mean drop of each draw, dB."""
    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    module = built(found, weights)

    def forward(lr: Image) -> np.ndarray:
        x = torch.from_numpy(lr.transpose(2, 0, 1)[None].astype(np.float32))
        sr: Tensor = module(x * (found.data_range / 255))
        return sr[0].permute(1, 2, 0).numpy()

    answer = answer_with(forward, found.data_range)
    whole: dict[bytes, Image] = {}

    def answer_once(lr: Image) -> Image:
        """Each draw asks for the same whole images beside its own twins."""
        key = lr.tobytes()
        whole[key] = whole[key] if key in whole else answer(lr)
        return whole[key]

    root = os.environ.get("ESRBENCH_DATA_ROOT")
    dataset = open_dataset(
        given.dataset, SCALE, data_root=Path(root) if root else None, catalogue=load_catalogue()
    )
    drops = []
    for draw in range(given.draws):
        chance = random.Random(draw)
        pairs = chance.sample(list(dataset.pairs), min(ASKED, len(dataset.pairs)))
        found_of = [compared_by(answer_once, pair, SCALE, SCALE, chance) for pair in pairs]
        drops.append(mean_drop(found_of))
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
    parser.add_argument("--limit", type=float, default=600, help="seconds for each network")
    parser.add_argument("only", nargs="*", help="systems that are meant; else all")
    given = parser.parse_args()
    if given.table:
        print(table([json.loads(line) for line in given.table.read_text().splitlines()]))
        return
    known = given.out.read_text().splitlines() if given.out.exists() else []
    done = {(row["network"], row["dataset"]) for row in map(json.loads, known)}
    with given.out.open("a") as file:
        for found, weights in systems(given.only):
            if (found.label, given.dataset) in done:
                continue
            try:
                row = within(given.limit, partial(row_of, found, weights, given))
            except Unanswered as why:
                print(f"{found.label}: {why}", file=sys.stderr)
                continue
            print(json.dumps(row), file=file, flush=True)


if __name__ == "__main__":
    main()
