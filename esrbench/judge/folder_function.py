"""The quality of a function that writes SR images into a folder (NTIRE's sister challenges).

It gets a copy of the LR images, and nothing of HR; what it writes is held against what it should
have written, by count, name and size, before a pixel is decoded.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from esrbench.data.dataset import Dataset, ImagePair
from esrbench.data.images import image_size, read_rgb, write_png
from esrbench.errors import SubmissionError, UsageError
from esrbench.flags import UNCONFINED
from esrbench.image import Image
from esrbench.judge.bench import Bench
from esrbench.judge.datasets import facts_of
from esrbench.judge.launch import open_runner
from esrbench.judge.machine import Machine
from esrbench.judge.parts import Part, Quality, Reason
from esrbench.judge.phase import PhaseFailed, phase
from esrbench.judge.pictures import PictureKeeper
from esrbench.judge.weights import Weights
from esrbench.judge.who import Who
from esrbench.metrics.diagnose import diagnose
from esrbench.metrics.mean import mean_over_images
from esrbench.quantities.costs import COSTS
from esrbench.results.record import ImageScore
from esrbench.runner.requests import RunFolder
from esrbench.submission.formats.folder_function import NO_NETWORK
from esrbench.submission.submission import Submission

IMAGES = {".png", ".bmp", ".jpg", ".jpeg", ".tif", ".tiff", ".webp"}
LARGEST = 256 * 2**20
"""Bytes of one SR image's file: that of a photograph as large as any that is scored, twice over."""


def folder_phases(
    submission: Submission, weights: Weights, who: Who, bench: Bench
) -> Iterator[Part]:
    """The protocol's metrics on each dataset; every cost is empty, with the reason.

    Raises PhaseFailed where the weights are missing or the function does something wrong.
    """
    if weights.missing:
        why = (weights.why_none or "no weights").rstrip(".")
        raise PhaseFailed("failed", f"In loading: {why}; a function cannot do without.")
    scorer = bench.scorers.at(submission.scale)
    reasons = [Reason("quantity", key, NO_NETWORK) for key in COSTS]
    reasons += [Reason("quantity", key, why) for key, why in scorer.missing.items()]
    reasons += [
        Reason("dataset", name, "Not at hand on this machine.") for name in bench.sets.missing
    ]
    yield Part(
        flags=(UNCONFINED,) if bench.options.machine.tier == "none" else (),
        signatures=scorer.signatures,
        reasons=tuple(reasons),
        notes=tuple(filter(None, [submission.taken_for])),
    )
    pictures = PictureKeeper(bench.store.root, who.id, submission.scale)
    for dataset in bench.sets.at(submission.scale):
        bench.options.progress.phase(f"{who.label}: {dataset.name}", total=len(dataset.pairs))
        with phase(f"the quality pass over {dataset.name}"):
            yield _scored(submission, weights, dataset, pictures, bench)


def _scored(
    submission: Submission,
    weights: Weights,
    dataset: Dataset,
    pictures: PictureKeeper,
    bench: Bench,
) -> Quality:
    machine, scorer = bench.options.machine, bench.scorers.at(submission.scale)
    shown = bench.options.pictures is None or dataset.name in bench.options.pictures
    images = []
    for pair, sr in _written(submission, weights.path, dataset.pairs, machine):
        lr, hr = pair.read_lr(), pair.read_hr()
        if shown:
            pictures.keep(dataset.name, pair.name, lr, sr, hr)
        images.append(
            ImageScore(
                name=pair.name,
                values=scorer.score(sr, hr),
                lr_size=(lr.shape[0], lr.shape[1]),
                notes=list(diagnose(sr.astype(np.float32) / 255, hr, lr)),
            )
        )
        bench.options.progress.step(pair.name)
    means, infinite = mean_over_images([image.values for image in images])
    return Quality(
        dataset=dataset.name,
        images=tuple(images),
        means=means,
        infinite={key: count for key, count in infinite.items() if count},
        facts=facts_of(dataset, bench.sets),
        pictures=pictures.kept(dataset.name),
        reasons=(Reason("phase", "pictures", pictures.lost),) if pictures.lost else (),
    )


def _written(
    submission: Submission, weights: Path | None, pairs: tuple[ImagePair, ...], machine: Machine
) -> Iterator[tuple[ImagePair, Image]]:
    """Each image with the SR that the function wrote for it, in a runner of its own."""
    with open_runner(machine, submission, weights, outbox=True) as runner:
        lr, sr = runner.outbox / "lr", runner.outbox / "sr"
        sr.mkdir()
        for pair in pairs:
            write_png(lr / f"{pair.name}.png", np.ascontiguousarray(pair.read_lr()))
        runner.ask(
            RunFolder(
                entry_file=str(submission.entry_file),
                build_arguments=submission.build_arguments,
                lr=str(lr),
                sr=str(sr),
                device=machine.device,
                threads=machine.threads,
            )
        )
        runner.kill()  # nothing is changed any more while it is read
        sizes = {p.name: tuple(submission.scale * side for side in p.read_lr().shape[:2])
                 for p in pairs}  # fmt: skip
        found = found_in(sr, sizes)
        for pair in pairs:
            try:
                sr_image = read_rgb(found[pair.name], grey="replicate")
            except UsageError as why:
                raise _no_image(found[pair.name], why) from None
            yield pair, sr_image


def found_in(folder: Path, sizes: dict[str, tuple[int, ...]]) -> dict[str, Path]:
    """The image in ``folder`` for each name of ``sizes``, which gives height and width.

    Raises SubmissionError, in a sentence, for a wrong count, name or size, and for what is no
    plain file.
    """
    if folder.is_symlink() or not folder.is_dir():
        raise SubmissionError("It put something else in the place of its output folder.")
    # Some write into a folder of their model's name; links to folders are not followed.
    below = (Path(place, name) for place, _, names in os.walk(folder) for name in names)
    files = [path for path in sorted(below) if _is_image(path)]
    for path in files:
        if path.is_symlink() or not path.is_file() or path.stat().st_size > LARGEST:
            raise SubmissionError(f"{path.name} in its output folder is no plain image file.")
    found = {path.stem: path for path in files}
    absent = [name for name in sizes if name not in found]
    extra = [path.name for path in files if path.stem not in sizes]
    if absent or extra or len(files) != len(sizes):
        often = [path for path in files if found[path.stem] != path]
        pairs = ((path, found[path.stem]) for path in often)
        twice = [str(path.relative_to(folder)) for path in next(pairs, ())]
        raise SubmissionError(_miscounted(len(files), len(sizes), absent, extra, twice))
    for name, wanted in sizes.items():
        try:
            height, width = image_size(found[name])
        except UsageError as why:
            raise _no_image(found[name], why) from None
        if (height, width) != tuple(wanted):
            raise SubmissionError(
                f"It wrote {found[name].name} of {width}x{height} pixels (width x height) where "
                f"{wanted[1]}x{wanted[0]} are due: LR times the scale, nothing cropped or added."
            )
    return found


def _is_image(path: Path) -> bool:
    """Of an image's name; ``._x.png`` is what a Mac leaves beside one."""
    return path.suffix.lower() in IMAGES and not path.name.startswith(".")


def _no_image(path: Path, why: UsageError) -> SubmissionError:
    said = str(why).replace(str(path), path.name)
    return SubmissionError(f"It wrote {path.name}, which cannot be read as an RGB image: {said}")


def _miscounted(
    written: int, due: int, absent: list[str], extra: list[str], twice: list[str]
) -> str:
    said = [f"It wrote {written} images for {due} LR images"]
    if absent:
        said.append(f"none is called {_listed(absent)}")
    if extra:
        said.append(f"{_listed(extra)} {'have' if len(extra) > 1 else 'has'} none of their names")
    if twice:
        said.append(f"{' and '.join(twice)} are for the same LR image")
    return "; ".join(said) + ". Each SR image is to have its LR image's name."


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more
