"""``python -m training.ship RUN``: put a finished run's weights, log and curve beside its model.

Prints the lines for ``submission.yaml``. What was measured, and on what it was trained, goes into
the submission's ``weights.md`` by hand.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

import torch

from esrbench.errors import EsrbenchError, UsageError
from esrbench.submission.find import find
from esrbench.submission.weights import sha256_of
from training.checkpoint import read_checkpoint
from training.recipe import Recipe

FOLDER = "trained_here"
LARGEST = 1_500_000
"""Bytes of weights that a submission's folder may hold."""
FILES = {"weights.safetensors": ".safetensors", "log.jsonl": ".jsonl", "curve.png": ".png"}


def ship(run: Path) -> str:
    """Copy what ``run`` left into its submission's folder; the manifest's entry as YAML.

    Raises UsageError when the run is not finished or its weights are too large to ship.
    """
    source = read_checkpoint(run / "checkpoint.pt", torch.device("cpu")).source
    recipe = Recipe.model_validate(source.recipe)
    submission = find(recipe.submission, scale=recipe.scale)
    missing = [name for name in FILES if not (run / name).is_file()]
    if missing:
        raise UsageError(f"{run} has no {missing[0]}; let training.train finish first.")
    size = (run / "weights.safetensors").stat().st_size
    if size > LARGEST:
        raise UsageError(f"The weights have {size:,} bytes; at most {LARGEST:,} are shipped.")
    folder = submission.folder / FOLDER
    folder.mkdir(exist_ok=True)
    stem = f"{submission.variant or submission.name}_x{recipe.scale}"
    for name, suffix in FILES.items():
        shutil.copyfile(run / name, folder / f"{stem}{suffix}")
    weights = folder / f"{stem}.safetensors"
    warm = source.started_from is not None
    return (
        "own_weights:\n"
        f"  {recipe.scale}:\n"
        f"    file: {FOLDER}/{weights.name}\n"
        f"    sha256: {sha256_of(weights)}\n"
        f"    note: {recipe.iterations:,} iterations{', after a warm start' * warm}\n"
    )


def main(arguments: list[str] | None = None) -> int:
    """Exit code; the lines for the manifest on standard output."""
    parser = argparse.ArgumentParser(prog="python -m training.ship", description=__doc__)
    parser.add_argument("run", type=Path, help="the folder that training.train left")
    options = parser.parse_args(arguments)
    try:
        print(ship(options.run), end="")
    except EsrbenchError as why:
        print(f"training: {why}", file=sys.stderr)
        return why.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
