"""Does a submission fit the interface? A handful of questions, each answered in a sentence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from esrbench.data.catalogue import load_catalogue
from esrbench.data.dataset import open_dataset
from esrbench.errors import EsrbenchError, SubmissionError
from esrbench.image import Image
from esrbench.judge.connection import Runner
from esrbench.judge.imaging import Imaging
from esrbench.judge.launch import load_into, open_runner
from esrbench.judge.machine import Machine
from esrbench.judge.weights import Weights, weights_at_hand
from esrbench.metrics.diagnose import diagnose
from esrbench.metrics.quantise import to_uint8
from esrbench.metrics.scorer import Scorer
from esrbench.number_of import number_of
from esrbench.submission.find import find_all
from esrbench.submission.formats.registry import GRAPHS
from esrbench.submission.submission import Submission
from esrbench.submission.weights import WeightsChoice, choose_weights

ODD_SIZES = ((37, 53), (61, 47), (24, 31))
"""LR sizes that are no multiple of anything a network may have in mind."""
_BATCH_DIFFERENCE = 1e-4
_USUAL = (64, 96)


@dataclass(frozen=True)
class Answer:
    """One question's outcome."""

    question: str
    ok: bool
    sentence: str
    """What was found; where it is not ok, with the cure."""


def check_all(
    path: str,
    machine: Machine,
    *,
    variant: str | None = None,
    scale: int | None = None,
    weights_dir: Path | None = None,
    weights: WeightsChoice | None = None,
    checkpoint: Path | None = None,
    offline: bool = False,
) -> Iterator[tuple[str | None, Answer]]:
    """The answers of ``check``, each with its variant: those of every one for ``all``.

    Raises UsageError when there is no such path.
    """
    try:
        found = find_all(path, variant=variant, scale=scale, checkpoint=checkpoint)
    except SubmissionError as why:
        yield None, Answer("manifest", False, str(why))
        return
    for submission in found:
        name = submission.variant if variant == "all" else variant
        for answer in _check(submission, machine, weights, weights_dir, offline):
            yield name, answer


def check(
    path: str,
    machine: Machine,
    *,
    variant: str | None = None,
    scale: int | None = None,
    weights_dir: Path | None = None,
    weights: WeightsChoice | None = None,
    checkpoint: Path | None = None,
    offline: bool = False,
) -> Iterator[Answer]:
    """The answers, as they come; after one that leaves nothing to ask they end.

    Raises UsageError when there is no such path.
    """
    for _, answer in check_all(
        path,
        machine,
        variant=variant,
        scale=scale,
        weights_dir=weights_dir,
        weights=weights,
        checkpoint=checkpoint,
        offline=offline,
    ):
        yield answer


def _check(
    submission: Submission,
    machine: Machine,
    weights: WeightsChoice | None,
    weights_dir: Path | None,
    offline: bool,
) -> Iterator[Answer]:
    taken_for = f", {submission.taken_for}" if submission.taken_for else ""
    yield Answer("manifest", True, f"{submission.label} x{submission.scale}{taken_for}")
    submission = choose_weights(submission, weights, weights_dir=weights_dir, offline=offline)
    try:
        found = weights_at_hand(submission, weights_dir=weights_dir, offline=offline)
    except SubmissionError as why:
        yield Answer("weights at hand", False, str(why))
        return
    yield Answer("weights at hand", not found.missing, _which(found))
    with open_runner(machine, submission, found.path) as runner:
        yield from _ask(submission, found, runner, machine)


def _which(weights: Weights) -> str:
    if weights.path is None:
        # The interface can be checked with any weights; only the figures cannot be made.
        why = weights.why_none
        return f"{why} Checked with the values build() gave." if why else "none needed"
    own = ", trained here" if weights.status == "own" else ""
    return f"{weights.path.name}{own}"


def _ask(
    submission: Submission, weights: Weights, runner: Runner, machine: Machine
) -> Iterator[Answer]:
    try:
        loaded = load_into(runner, submission, weights.path, machine)
    except SubmissionError as why:
        yield Answer("loads", False, str(why))
        return
    strictly = ", every key of the checkpoint fits" if weights.path else ""
    notes = "".join(f"; {note}" for note in loaded.notes)
    yield Answer("loads", True, f"{number_of(loaded.params, 'parameter')}{strictly}{notes}")
    imaging = Imaging(runner, submission.scale, submission.data_range)
    lr, hr = _photograph(submission.scale)
    first = _gives_an_image(imaging, lr)
    yield first
    if not first.ok:
        return
    yield _any_size(imaging, lr)
    yield _deterministic(imaging, lr)
    yield _batch(imaging, lr, submission)
    yield _like_the_photograph(imaging, lr, hr, trained=not weights.missing)


def _photograph(scale: int) -> tuple[Image, Image]:
    """LR and HR of a built-in photograph, cut to a usual size."""
    dataset = open_dataset("skimage8", scale, data_root=None, catalogue=load_catalogue())
    pair = next(pair for pair in dataset.pairs if pair.name == "chelsea")
    lr, hr = pair.read_lr(), pair.read_hr()
    height, width = min(_USUAL[0], lr.shape[0]), min(_USUAL[1], lr.shape[1])
    return lr[:height, :width], hr[: height * scale, : width * scale]


def _gives_an_image(imaging: Imaging, lr: Image) -> Answer:
    question = "shape, type, range"
    try:
        forward = imaging.forward(lr[None])
    except EsrbenchError as why:
        return Answer(question, False, str(why))
    if not forward.input_untouched:
        return Answer(question, False, "forward writes into its input; work on a copy of it.")
    low, high = float(forward.sr.min()), float(forward.sr.max())
    size = "x".join(str(side) for side in forward.sr.shape)
    return Answer(question, True, f"{size}, {forward.dtype}, values {low:.3g} to {high:.3g}")


def _any_size(imaging: Imaging, lr: Image) -> Answer:
    question = "odd sizes"
    for height, width in ODD_SIZES:
        try:
            imaging.forward(lr[None, :height, :width])
        except EsrbenchError as why:
            return Answer(
                question,
                False,
                f"LR {height}x{width} (height x width): {why} If the network needs multiples of "
                "something, say so with `multiple:` (or `min_size:`) in submission.yaml and the "
                "harness pads.",
            )
    return Answer(question, True, ", ".join(f"{h}x{w}" for h, w in ODD_SIZES))


def _deterministic(imaging: Imaging, lr: Image) -> Answer:
    question = "deterministic"
    try:
        first, second = imaging.forward(lr[None]).sr, imaging.forward(lr[None]).sr
    except EsrbenchError as why:
        return Answer(question, False, str(why))
    difference = float(np.abs(first - second).max())
    if difference > 0:
        return Answer(
            question,
            False,
            f"the same input gave outputs {difference:.3g} apart; is there dropout or noise, or a "
            "state that forward changes? eval() is called by the harness.",
        )
    return Answer(question, True, "the same input gives the same output")


def _batch(imaging: Imaging, lr: Image, submission: Submission) -> Answer:
    question = "batch of two"
    alone = "it was exported for one image at a time, and is given one at a time"
    pair = np.stack([lr, lr[::-1, ::-1]])
    try:
        together = imaging.forward(pair).sr
        apart = np.concatenate([imaging.forward(one[None]).sr for one in pair])
    except EsrbenchError as why:
        graph = submission.form in GRAPHS  # score gives every network its images one by one
        return Answer(question, graph, alone if graph else f"two images at once: {why}")
    difference = float(np.abs(together - apart).max()) / imaging.data_range
    if difference > _BATCH_DIFFERENCE:
        return Answer(
            question,
            False,
            f"two images at once differ from one at a time by {difference:.3g} of the range; "
            "does something mix the batch (BatchNorm in training mode, a squeeze, a mean)?",
        )
    return Answer(question, True, "equals two of one")


def _like_the_photograph(imaging: Imaging, lr: Image, hr: Image, *, trained: bool) -> Answer:
    question = "looks like the photograph"
    if not trained:
        return Answer(question, True, "not asked: there are no weights")
    try:
        sr = imaging.forward(lr[None]).sr[0].transpose(1, 2, 0)
    except EsrbenchError as why:
        return Answer(question, False, str(why))
    notes = diagnose(sr / imaging.data_range, hr, lr)
    if notes:
        return Answer(question, False, " ".join(notes))
    psnr = Scorer(["psnr_y"], crop=imaging.scale).score(to_uint8(sr, imaging.data_range), hr)
    return Answer(question, True, f"PSNR Y {psnr['psnr_y']:.2f} dB on a crop of `chelsea`")
