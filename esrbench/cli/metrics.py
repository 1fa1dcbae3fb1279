"""``esrbench metrics``: score images that already exist."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from esrbench.cli import options as given
from esrbench.errors import UsageError
from esrbench.number_of import number_of

if TYPE_CHECKING:
    from esrbench.judge.folders import SetFigures
    from esrbench.metrics.scorer import Scorer

_NOTES_SHOWN = 3


def metrics(
    sr: Annotated[Path, typer.Argument(help="Folder of SR images, or one image.")],
    hr: Annotated[Path, typer.Argument(help="Folder of their HR images, or one image.")],
    crop: Annotated[
        int | None, typer.Option("--crop", min=0, help="Crop border in pixels; default: --scale.")
    ] = None,
    scale: Annotated[
        int | None,
        typer.Option("--scale", "-s", min=1, help="Upscaling factor; explains mod-cropped HR."),
    ] = None,
    metric: Annotated[
        list[str] | None, typer.Option("--metric", "-m", help="Which; default: the usual five.")
    ] = None,
    suffix: Annotated[
        str | None, typer.Option("--suffix", help="What SR's names have after HR's: _x4.")
    ] = None,
    pattern: Annotated[
        str | None, typer.Option("--pattern", help="How SR's names are made: out_{name}_x4.")
    ] = None,
    device: given.Device = "cpu",
    data_root: given.DataRoot = None,
    weights_dir: given.WeightsDir = None,
    offline: given.Offline = False,
    json: given.Json = False,
) -> None:
    """PSNR, SSIM and LPIPS of SR images against HR images.

    Pairs are found by name, whatever the program that made SR added to it, in sub-folders too.
    """
    from esrbench.cli.terminal import TerminalProgress, print_json, say
    from esrbench.data.patterns import hidden_note
    from esrbench.data.sr_folders import pair_up
    from esrbench.devices import resolve_device
    from esrbench.judge.folders import score_set
    from esrbench.metrics.scorer import Scorer
    from esrbench.quantities.metrics import USUAL

    border = crop if crop is not None else scale
    if border is None:
        raise UsageError("Say the crop border with --crop (papers take the scale), or --scale.")
    sets = pair_up(sr, hr, suffix=suffix, pattern=pattern)
    hidden = hidden_note(folder for one in sets for folder in one.folders) if sr.is_dir() else None
    scorer = Scorer(
        metric or USUAL,
        crop=border,
        device=resolve_device(device),
        data_root=data_root,
        weights_dir=weights_dir,
        offline=offline,
    )
    progress = TerminalProgress()
    scored = [score_set(one, scorer, crop=border, scale=scale, progress=progress) for one in sets]
    if hidden:
        say(hidden)
    if json:
        print_json(_document(scored, scorer))
        return
    for one in scored:
        _print_table(one, scorer)
    _print_footer(scorer)


def _document(scored: list[SetFigures], scorer: Scorer) -> dict[str, Any]:
    """One set's figures at the top, as they always stood there; several under ``sets``."""
    about = {"signatures": scorer.signatures, "missing": scorer.missing}
    sets = [
        {
            "images": [{"name": image.name, **image.values} for image in one.images],
            "mean": one.means,
            "infinite": one.infinite,
            "notes": {image.name: image.notes for image in one.images if image.notes},
        }
        for one in scored
    ]
    if len(sets) == 1:
        return {**sets[0], **about}
    return {"sets": {one.name: body for one, body in zip(scored, sets, strict=True)}, **about}


def _print_table(one: SetFigures, scorer: Scorer) -> None:
    """Every image and the mean; what looks wrong below."""
    from esrbench.cli.summary import figure, figure_name

    keys = [key for key in one.means if key not in scorer.missing]
    width = max(len(word) for word in ("mean", one.name, *(image.name for image in one.images)))
    print(f"{one.name:<{width}}", *(f"{figure_name(key):>10}" for key in keys))
    for image in one.images:
        print(f"{image.name:<{width}}", *(f"{figure(key, image.values[key]):>10}" for key in keys))
    print(f"{'mean':<{width}}", *(f"{figure(key, one.means[key]):>10}" for key in keys))
    for key, count in one.infinite.items():
        if count:
            print(f"{figure_name(key)}: {_identical(count, len(one.images))}.")
    notes = [f"{image.name}: {note}" for image in one.images for note in image.notes]
    for note in notes[:_NOTES_SHOWN]:
        print(f"look at {note}")
    if len(notes) > _NOTES_SHOWN:
        print(f"... and {number_of(len(notes) - _NOTES_SHOWN, 'more note')} (--json has them)")


def _identical(count: int, images: int) -> str:
    """``2 of 5 images are identical; the mean is over the others``."""
    if count == images:
        return "the image is identical" if images == 1 else f"all {images} images are identical"
    are = "is" if count == 1 else "are"
    return f"{count} of {images} images {are} identical; the mean is over the others"


def _print_footer(scorer: Scorer) -> None:
    """What is empty and why, and how each figure came about."""
    from esrbench.cli.summary import figure_name

    for key, why in scorer.missing.items():
        print(f"{figure_name(key)}: empty. {why}")
    for key in scorer.keys:
        if key not in scorer.missing:
            print(f"  {figure_name(key):<10} {scorer.signatures[key]}")
