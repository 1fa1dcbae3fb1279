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

from esrbench.data.catalogue import data_root_from, load_catalogue
from esrbench.devices import resolve_device
from esrbench.errors import EsrbenchError, UsageError
from esrbench.submission.find import find
from esrbench.submission.weights import sha256_of
from training.arguments import parser
from training.export import export
from training.held_out import held_out, refuse_overlap
from training.images import TrainingImages
from training.journal import draw_curve
from training.loop import Training
from training.place import Place
from training.recipe import Recipe, load_recipe
from training.trainee import Trainee, read_network, warm_start
from training.validation import Validation, open_validation

STOPPED = 130
"""Exit code of a run that was asked to stop, as shells have it for Ctrl-C."""


def main(arguments: list[str] | None = None) -> int:
    """Exit code; a fault a person can cure is told in a sentence."""
    options = parser().parse_args(arguments)
    try:
        return _train(options)
    except EsrbenchError as why:
        print(f"training: {why}", file=sys.stderr)
        return why.exit_code
    except KeyboardInterrupt:
        print("Stopped at once; the same command goes on from what was saved.", file=sys.stderr)
        return STOPPED


def _train(options: argparse.Namespace) -> int:
    recipe = load_recipe(options.recipe).changed(
        scale=options.scale, epochs=options.epochs, batch=options.batch, patch=options.patch
    )
    if options.threads:
        torch.set_num_threads(options.threads)
    label = find(recipe.submission, scale=recipe.scale).label
    folder = options.out or Path("build/training") / f"{label.replace('/', '_')}_x{recipe.scale}"
    device = torch.device(resolve_device(options.device))
    place = Place(folder, device, options.loaders or _loaders(device))
    with place.claimed():
        training = _prepared(recipe, place, options)
        if training.iteration:
            print(f"Going on after {training.iteration:,} of {recipe.iterations:,} iterations.")
        training.run()
        if not training.finished:
            print(
                f"Stopped after {training.iteration:,} of {recipe.iterations:,} iterations; "
                "the same command goes on from here.",
                file=sys.stderr,
            )
            return STOPPED
        _finish(training, title=f"{label} x{recipe.scale}, trained here")
    return 0


def _prepared(recipe: Recipe, place: Place, options: argparse.Namespace) -> Training:
    """The run in ``place``, taken up where it stands."""
    if options.fresh:
        for path in (place.checkpoint, place.journal):
            path.unlink(missing_ok=True)
    torch.manual_seed(recipe.seed)
    submission = find(recipe.submission, scale=recipe.scale)
    trainee = Trainee(submission, recipe.form)
    started_from = None
    if options.warm_start and not place.checkpoint.is_file():
        fresh = warm_start(trainee.network, read_network(options.warm_start))
        print(f"Warm start; these stay as they were: {', '.join(fresh) or 'none'}.")
        started_from = sha256_of(options.warm_start)
    validation = _validation(recipe, options)
    images = TrainingImages(_train_dir(options), recipe.scale)
    _not_trained_on(images)
    training = Training(recipe, trainee, images, place, validation, started_from)
    where = "in memory" if images.in_memory else "read as they are drawn"
    unused = max(patches.unused for patches in training.patches)
    smaller = f"; {unused} smaller than a patch, never drawn" if unused else ""
    print(f"{submission.label} x{recipe.scale}: {len(images.pairs)} images, {where}{smaller}.")
    return training


def _not_trained_on(images: TrainingImages) -> None:
    """Refuse images that show what an image of a test set shows; say against what it was held."""
    tests = held_out(load_catalogue(), data_root_from(None))
    sets = ", ".join(dict.fromkeys(test.name.partition("/")[0] for test in tests))
    print(
        f"Holding {len(images.pairs)} images against {len(tests)} test images; once for the same "
        "ones, about a minute for every 200.",
        flush=True,
    )
    refuse_overlap(images, tests)
    print(f"None shows what an image of these test sets shows: {sets}.", flush=True)


def _validation(recipe: Recipe, options: argparse.Namespace) -> Validation | None:
    validation = open_validation(options.val_dir, recipe.scale, data_root_from(None))
    if validation is None:
        print("Nothing is watched: name a folder with --val-dir, or Set5's ESRBENCH_DATA_ROOT.")
    return validation


def _finish(training: Training, title: str) -> None:
    """Weights of the deployed form and the curve, in the run's folder."""
    place = training.place
    sha256 = export(training.trainee, training.mean.state, place.weights)
    watched = training.validation.name if training.validation else None
    draw_curve(training.journal.entries, place.curve, title=title, watched=watched)
    print(f"{place.weights}\nsha256: {sha256}\n{training.seconds:.0f} s of training")


def _train_dir(options: argparse.Namespace) -> Path:
    folder = options.train_dir or os.environ.get("ESRBENCH_TRAIN_ROOT")
    if not folder:
        raise UsageError("Name a folder of images with --train-dir or ESRBENCH_TRAIN_ROOT.")
    return Path(folder)


def _loaders(device: torch.device) -> int:
    """On a CPU the cores are the network's; a GPU is fed by most of them."""
    return 1 if device.type == "cpu" else max(1, min(8, (os.cpu_count() or 2) - 1))


if __name__ == "__main__":
    sys.exit(main())
