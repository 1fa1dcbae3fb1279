"""What a choice in a recipe is worth: the same minutes of training, one thing changed at a time.

    python -m benchmarks.recipes svan_b7_x4 --train-dir FOLDER --seconds 120 [--only NAME ...]

Each variant trains from the recipe's own start for the same CPU time on one thread, with a cosine
down to nearly zero over it, and is then measured on Set5 (running mean, PSNR on Y). The table has
iterations done, CPU seconds an iteration, and the decibels; single runs, so that a difference of a
few hundredths says nothing. A variant that was measured before is read from ``--out`` again.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

from esrbench.data.catalogue import data_root_from
from esrbench.submission.find import find
from training.images import TrainingImages
from training.loop import Training
from training.place import Place
from training.recipe import Recipe, load_recipe
from training.trainee import Trainee
from training.validation import open_validation

CPU = torch.device("cpu")
_PROBED = 24
"""Iterations that tell how many fit into the time."""

VARIANTS: dict[str, dict[str, Any]] = {
    "as the recipe": {},
    "Adam, 1e-3": {"optimiser": "adam", "lr": 1e-3},
    "Charbonnier": {"loss": "charbonnier"},
    "L2": {"loss": "l2"},
    "no cut of gradients": {"gradient_norm": None},
    "running mean of 0.999": {"ema": 0.999},
    "half the rate": {"rate": 0.5},
    "no fall of the rate": {"flat_rate": True},
    "one-cycle: a third of it warm-up": {"warm": 1 / 3},
    "twice the patches of half the area": {"batch": 2.0, "patch": 0.7071},
    "half the patches of twice the area": {"batch": 0.5, "patch": 1.4142},
    "taught by rlfn/ntire, half": {"teacher": "rlfn/ntire", "taught": 0.5},
    "taught by rlfn/ntire, alone": {"teacher": "rlfn/ntire", "taught": 1.0},
}


def variant(recipe: Recipe, changes: dict[str, Any], iterations: int) -> Recipe:
    """One stage of ``iterations`` with ``changes``; patches stay whole and a multiple of 8 LR."""
    first = recipe.stages[0]
    rate = changes.get("lr", first.lr * changes.get("rate", 1.0))
    side = (first.patch or recipe.patch) * changes.get("patch", 1.0)
    step = 4 * recipe.scale
    stage = first.model_copy(
        update={
            "epochs": 1,
            "lr": rate,
            "lr_end": rate if changes.get("flat_rate") else rate / 100,
            "warm_up": max(min(first.warm_up, 100), round(iterations * changes.get("warm", 0))),
            "loss": changes.get("loss", first.loss),
            "batch": max(1, round((first.batch or recipe.batch) * changes.get("batch", 1.0))),
            "patch": max(step, round(side / step) * step),
        }
    )
    own = ("optimiser", "gradient_norm", "ema", "teacher", "taught")
    kept = {key: value for key, value in changes.items() if key in own}
    return recipe.model_copy(
        update={**kept, "stages": (stage,), "steps_per_epoch": max(1, iterations)}
    )


class _Runs:
    """Variants of one recipe on the same images, each in a folder of its own."""

    def __init__(self, recipe: Recipe, images: TrainingImages, out: Path) -> None:
        self.recipe, self.images, self.out = recipe, images, out
        self.validation = open_validation(None, recipe.scale, data_root_from(None))

    def measure(self, name: str, changes: dict[str, Any], seconds: float) -> dict[str, Any]:
        """The row of one variant."""
        folder = self.out / "".join(c if c.isalnum() else "_" for c in name)
        probe = self._training(variant(self.recipe, changes, _PROBED), folder / "probe")
        each = self._cpu(probe) / _PROBED
        iterations = max(_PROBED, round(seconds / each))
        training = self._training(variant(self.recipe, changes, iterations), folder / "run")
        spent = self._cpu(training)
        assert self.validation is not None, "Set5 is measured: name its ESRBENCH_DATA_ROOT"
        network = training.trainee.deployed(training.mean.state)
        return {
            "variant": name,
            "iterations": iterations,
            "cpu_s_each": round(spent / iterations, 4),
            "set5_db": round(self.validation.psnr_y(network, CPU), 3),
        }

    def _training(self, recipe: Recipe, folder: Path) -> Training:
        torch.manual_seed(recipe.seed)
        trainee = Trainee(find(recipe.submission, scale=recipe.scale), recipe.form)
        place = Place(folder, CPU, 1)
        folder.mkdir(parents=True, exist_ok=True)
        for left in (place.checkpoint, place.journal):
            left.unlink(missing_ok=True)
        return Training(recipe, trainee, self.images, place)

    @staticmethod
    def _cpu(training: Training) -> float:
        before = time.process_time()
        training.run()
        return time.process_time() - before


def rows(runs: _Runs, names: list[str], seconds: float, kept: Path) -> Iterator[dict[str, Any]]:
    """Each variant's row, measured now or read from ``kept``."""
    known = [json.loads(line) for line in kept.read_text().splitlines()] if kept.is_file() else []
    for name in names:
        found = next((row for row in known if row["variant"] == name), None)
        if found is None:
            found = runs.measure(name, VARIANTS[name], seconds)
            with kept.open("a") as file:
                file.write(json.dumps(found) + "\n")
        yield found


def main() -> None:
    """Print the table, a row as soon as it is measured."""
    words = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    words.add_argument("recipe", type=Path)
    words.add_argument("--train-dir", type=Path, required=True)
    words.add_argument("--seconds", type=float, default=120.0, help="of CPU, a variant")
    words.add_argument("--only", nargs="*", choices=list(VARIANTS), default=list(VARIANTS))
    words.add_argument("--out", type=Path, default=Path("build/recipes"))
    options = words.parse_args()
    torch.set_num_threads(1)
    recipe = load_recipe(options.recipe)
    out = options.out / options.recipe.stem
    out.mkdir(parents=True, exist_ok=True)
    images = TrainingImages(options.train_dir, recipe.scale)
    print("| variant | iterations | CPU ms each | Set5, dB |\n|---|---|---|---|", flush=True)
    runs = _Runs(recipe, images, out)
    for row in rows(runs, options.only, options.seconds, out / "rows.jsonl"):
        print(f"| {row['variant']} | {row['iterations']:,} | {1000 * row['cpu_s_each']:.0f} "
              f"| {row['set5_db']:.2f} |", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
