"""The command line of ``python -m training.train``."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path


def parser() -> argparse.ArgumentParser:
    """Options override the recipe, as the study's command line has them."""
    found = argparse.ArgumentParser(
        prog="python -m training.train",
        description="Train a submission and leave its weights in a folder. Run again, it goes on "
        "where it stood.",
    )
    add = found.add_argument
    add("recipe", type=Path, help="a YAML file, or the name of one of training/recipes")
    add("--train-dir", type=Path, metavar="DIR", help="HR images; default ESRBENCH_TRAIN_ROOT")
    add("--val-dir", type=Path, metavar="DIR", help="HR images to watch; default Set5 if there")
    add("--scale", type=int, metavar="N", help="instead of the recipe's, as the next three")
    add("--epochs", type=_from(1), metavar="N", help="in all, shared among the recipe's stages")
    add("--batch", type=_from(1), metavar="N", help="patches of an iteration")
    add("--patch", type=_from(1), metavar="N", help="side of a patch in HR pixels")
    add("--out", type=Path, metavar="DIR", help="default build/training/NAME_xSCALE")
    add("--device", default="auto", help="cpu, cuda, cuda:N; auto takes a GPU")
    add("--threads", type=_from(0), default=0, metavar="N", help="CPU threads; 0: all cores. "
        "Another number may change the last bits")  # fmt: skip
    add("--loaders", type=_from(0), default=0, metavar="N", help="threads that cut patches; 0: "
        "one on a CPU, up to eight for a GPU")  # fmt: skip
    add("--warm-start", type=Path, metavar="FILE", help="checkpoint.pt of another run (x2, say)")
    add("--fresh", action="store_true", help="forget the run that stands there")
    return found


def _from(least: int) -> Callable[[str], int]:
    """A whole number that is not below ``least``."""

    def number(text: str) -> int:
        if not text.lstrip("-").isdigit() or int(text) < least:
            raise argparse.ArgumentTypeError(f"{text} is no whole number from {least} up")
        return int(text)

    return number
