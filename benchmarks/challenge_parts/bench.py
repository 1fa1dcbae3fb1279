"""Folders of submissions and images to score, and the rows of what that took."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np

from challenge_parts.spent import Spent, command

MODEL = """import torch
from torch import nn

def build():
    torch.manual_seed({seed})
    return nn.Sequential(nn.Conv2d(3, 48, 3, padding=1), nn.PixelShuffle(4), nn.Hardtanh(0, 1))
"""
SMALL = """\
name: many-images
title: Many small images
scale: 4
datasets: [Noise]
metrics: [psnr_y]
reference_input: 1x3x16x16
rank_by: {metric: psnr_y, dataset: Noise}
timing: {shapes: [16x16], baseline: null}
"""
NOISE = """\
Noise:
  title: Noise
  images: {images}
  scales: [4]
  hr: {{folders: [Noise]}}
  lr: {{default: {{folders: [none], make: {{border: symmetric}}}}}}
  licence: none
  source: numpy
  how_to_get: made by benchmarks/challenge.py
"""


class Bench:
    """Folders of submissions and images, and rows that are kept."""

    def __init__(self, out: Path, images: int, repeats: int) -> None:
        self.out, self.images, self.repeats = out, images, repeats
        out.mkdir(parents=True, exist_ok=True)
        self.rows = out / "rows.jsonl"

    def submissions(self, number: int) -> list[str]:
        """Paths of ``number`` networks of one convolution, each with weights of its own."""
        for seed in range(number):
            own = self.out / "submissions" / f"net{seed:03d}"
            if not own.is_dir():
                own.mkdir(parents=True)
                (own / "submission.yaml").write_text(f"name: {own.name}\nscale: 4\n")
                (own / "model.py").write_text(MODEL.format(seed=seed))
        return [str(self.out / "submissions" / f"net{seed:03d}") for seed in range(number)]

    def many(self, images: int) -> list[str]:
        """Words of a command for ``images`` small images."""
        from esrbench.data.images import write_png

        root = self.out / f"noise{images}"
        for number in range(images):
            path = root / "Noise" / f"{number:04d}.png"
            if not path.is_file():
                noise = np.random.default_rng(number).integers(0, 255, (64, 64, 3), np.uint8)
                write_png(path, noise)
        (root / "noise.yaml").write_text(NOISE.format(images=images))
        (root / "many.yaml").write_text(SMALL)
        files = ["--protocol", str(root / "many.yaml"), "--datasets", str(root / "noise.yaml")]
        return [*files, "--data-root", str(root)]

    def score(
        self, paths: Sequence[str], *words: str, to: str, anew: bool = True, timing: bool = False
    ) -> Spent:
        """``esrbench score PATHS`` into the results folder ``to``."""
        results = self.out / "results" / to
        if anew:
            shutil.rmtree(results, ignore_errors=True)
        common = ["--threads", "1", "--offline", "--results", str(results), "--pictures", "none"]
        # bwrap's children are another process's, whose CPU time nobody here is told.
        common += ["--sandbox", "landlock", *([] if timing else ["--no-timing"])]
        return command("score", *paths, *common, *words)

    def kept(self, part: str, case: str, measure: Callable[[], Spent]) -> list[Spent]:
        """Every repeat of ``case``; what is missing is measured now."""
        known = self._read(part, case)
        while len(known) < self.repeats:
            known.append(self._measured(part, case, measure))
        return known

    def once(self, part: str, case: str, measure: Callable[[], Spent]) -> Spent:
        """As :meth:`kept`, of what can be done but once."""
        known = self._read(part, case)
        return known[0] if known else self._measured(part, case, measure)

    def _measured(self, part: str, case: str, measure: Callable[[], Spent]) -> Spent:
        load = os.getloadavg()[0]
        spent = measure()
        row = {"part": part, "case": case, "load": round(load, 1), **asdict(spent)}
        with self.rows.open("a") as file:
            file.write(json.dumps(row) + "\n")
        return spent

    def _read(self, part: str, case: str) -> list[Spent]:
        lines = self.rows.read_text().splitlines() if self.rows.is_file() else []
        rows = [json.loads(line) for line in lines]
        return [
            Spent(row["wall"], row["cpu"], row["peak_mib"])
            for row in rows
            if (row["part"], row["case"]) == (part, case)
        ]
