"""``python -m training.train RECIPE``: train a submission and leave its weights in a folder.

Run again, it goes on where it stood. Options override the recipe, as the study's command line
has them: train folder, validation folder, scale, epochs, batch, patch.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import torch

from esrbench.errors import EsrbenchError, UsageError
from esrbench.submission.find import find
from training.export import export
from training.images import TrainingImages
from training.journal import draw_curve
from training.loop import Place, Training
from training.recipe import Recipe, load_recipe
from training.trainee import Trainee, read_network, warm_start
from training.validation import open_validation


def main(arguments: list[str] | None = None) -> int:
    """Exit code; a fault a person can cure is told in a sentence."""
    options = _parser().parse_args(arguments)
    try:
        _train(options)
    except EsrbenchError as why:
        print(f"training: {why}", file=sys.stderr)
        return why.exit_code
    except KeyboardInterrupt:
        print("Stopped; the same command goes on from here.", file=sys.stderr)
        return 130
    return 0


def _train(options: argparse.Namespace) -> None:
    recipe = load_recipe(options.recipe).changed(
        scale=options.scale, epochs=options.epochs, batch=options.batch, patch=options.patch
    )
    if options.threads:
        torch.set_num_threads(options.threads)
    training = _prepared(recipe, options)
    if training.iteration:
        print(f"Going on after {training.iteration:,} of {recipe.iterations:,} iterations.")
    training.run()
    out = training.place.out
    sha256 = export(training.trainee, training.mean.state, out / "weights.safetensors")
    watched = training.validation.name if training.validation else None
    title = f"{recipe.submission} x{recipe.scale}, trained here"
    draw_curve(training.journal.entries, out / "curve.png", title=title, watched=watched)
    print(f"{out / 'weights.safetensors'}\nsha256: {sha256}\n{training.seconds:.0f} s of training")


def _prepared(recipe: Recipe, options: argparse.Namespace) -> Training:
    submission = find(recipe.submission, scale=recipe.scale)
    name = f"{submission.label.replace('/', '_')}_x{recipe.scale}"
    place = Place(options.out or Path("build/training") / name, _device(options), options.loaders)
    if options.fresh:
        for path in (place.checkpoint, place.journal):
            path.unlink(missing_ok=True)
    torch.manual_seed(recipe.seed)
    trainee = Trainee(submission, recipe.form)
    if options.warm_start:
        fresh = warm_start(trainee.network, read_network(options.warm_start))
        print(f"Warm start; these stay as they were: {', '.join(fresh) or 'none'}.")
    data_root = os.environ.get("ESRBENCH_DATA_ROOT")
    validation = open_validation(
        options.val_dir, recipe.scale, Path(data_root) if data_root else None
    )
    images = TrainingImages(_train_dir(options), recipe.scale)
    where = "in memory" if images.in_memory else "read as they are drawn"
    print(f"{submission.label} x{recipe.scale}: {len(images.pairs)} images, {where}.")
    return Training(recipe, trainee, images, place, validation)


def _train_dir(options: argparse.Namespace) -> Path:
    folder = options.train_dir or os.environ.get("ESRBENCH_TRAIN_ROOT")
    if not folder:
        raise UsageError("Name a folder of images with --train-dir or ESRBENCH_TRAIN_ROOT.")
    return Path(folder)


def _device(options: argparse.Namespace) -> torch.device:
    name = options.device
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    if name.startswith("cuda") and not torch.cuda.is_available():
        raise UsageError(f"--device {name}: torch sees no CUDA device; use --device cpu.")
    return torch.device(name)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m training.train", description=__doc__)
    parser.add_argument("recipe", type=Path, help="a YAML file of training/recipes")
    parser.add_argument("--train-dir", type=Path, help="HR images; default ESRBENCH_TRAIN_ROOT")
    parser.add_argument("--val-dir", type=Path, help="HR images to watch; default Set5 if there")
    parser.add_argument("--scale", type=int)
    parser.add_argument("--epochs", type=int, help="in all, shared among the recipe's stages")
    parser.add_argument("--batch", type=int)
    parser.add_argument("--patch", type=int, help="side of a patch in HR pixels")
    parser.add_argument("--out", type=Path, help="default build/training/NAME_xSCALE")
    parser.add_argument("--device", default="auto", help="cpu, cuda, cuda:N or auto")
    parser.add_argument("--threads", type=int, default=0, help="CPU threads; 0: all cores")
    parser.add_argument("--loaders", type=int, default=1, help="threads that cut patches")
    parser.add_argument("--warm-start", type=Path, help="checkpoint.pt of another run (x2, say)")
    parser.add_argument("--fresh", action="store_true", help="forget the run that stands there")
    return parser


if __name__ == "__main__":
    sys.exit(main())
