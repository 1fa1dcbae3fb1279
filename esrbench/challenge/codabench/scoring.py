"""The scoring step of a Codabench task: result images against HR, as the worker lays them out.

``python -m esrbench.challenge.codabench.scoring INPUT OUTPUT``: ``INPUT/ref`` is the task's
reference data (``scoring.json`` and the HR images of each set), ``INPUT/res`` what a participant
sent. Writes ``scores.json`` and ``detailed_results.html`` into ``OUTPUT``; whatever is wrong with
the images ends it with exit code 1 and one sentence, which the participant reads in the log.
"""

from __future__ import annotations

import json
import math
import sys
from html import escape
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from esrbench.data.images import read_rgb
from esrbench.errors import EsrbenchError, UsageError
from esrbench.metrics.mean import mean_over_images
from esrbench.metrics.scorer import Scorer

PLAN = "scoring.json"
_IMAGES = {".png", ".bmp", ".tif", ".tiff"}
"""Lossless only: a JPEG of an SR image is another image."""


class SetPlan(BaseModel):
    """How one set is scored."""

    model_config = ConfigDict(extra="forbid")

    scale: int
    crop: int
    metrics: tuple[str, ...]
    hidden: bool
    """Only means are shown, rounded."""
    decimals: int = 6
    """Of a PSNR; SSIM gets two more."""
    names: tuple[str, ...]


class Plan(BaseModel):
    """``scoring.json``."""

    model_config = ConfigDict(extra="forbid")

    harness: str
    """The version of esrbench that the bundle was made with."""
    sets: dict[str, SetPlan]


def score(source: Path, target: Path) -> dict[str, float]:
    """Score ``source/res`` against ``source/ref``; what was written to ``scores.json``.

    Keys are ``METRIC_SET`` (``psnr_y_Set5``). Raises UsageError that names what is missing, of the
    wrong size, or cannot be read.
    """
    plan = Plan.model_validate_json((source / "ref" / PLAN).read_bytes())
    scores: dict[str, float] = {}
    sections = []
    for name, told in plan.sets.items():
        values = _score_set(source, name, told, alone=len(plan.sets) == 1)
        means, _ = mean_over_images(values)
        if any(mean is not None and math.isinf(mean) for mean in means.values()):
            raise UsageError(f"{name}: every image is the HR image itself, to the pixel.")
        shown = {key: _told(key, mean, told) for key, mean in means.items() if mean is not None}
        scores.update({f"{key}_{name}": value for key, value in shown.items()})
        sections.append(_section(name, told, shown, values))
    target.mkdir(parents=True, exist_ok=True)
    (target / "scores.json").write_text(json.dumps(scores, indent=1) + "\n", encoding="utf-8")
    (target / "detailed_results.html").write_text(_page(sections), encoding="utf-8")
    return scores


def _score_set(
    source: Path, name: str, told: SetPlan, *, alone: bool
) -> list[dict[str, float | None]]:
    folder = source / "res" / name
    if not folder.is_dir():
        if not alone:
            raise UsageError(f"There is no folder {name} in what was sent; one for each set.")
        folder = source / "res"
    files = [path for path in sorted(folder.iterdir()) if path.suffix.lower() in _IMAGES]
    scorer = Scorer(told.metrics, crop=told.crop)
    values = []
    for image in told.names:
        path = _file_of(image, files, told.scale, name)
        hr = read_rgb(source / "ref" / name / f"{image}.png", grey="keep")
        sr = read_rgb(path, grey="keep")
        if sr.shape != hr.shape:
            raise UsageError(
                f"{name}/{path.name} is {_size(sr.shape)}; it must be {_size(hr.shape)}."
            )
        values.append(scorer.score(sr, hr))
    return values


def _file_of(image: str, files: list[Path], scale: int, name: str) -> Path:
    """The one file that is called after ``image``, with or without ``x4`` behind it."""
    wanted = {image, f"{image}x{scale}", f"{image}_x{scale}"}
    found = [path for path in files if path.stem in wanted]
    if not found:
        raise UsageError(f"{name}: there is no image {image}.png.")
    if len(found) > 1:
        both = " and ".join(path.name for path in found[:2])
        raise UsageError(f"{name}: {both} are both called after {image}; send one.")
    return found[0]


def _size(shape: tuple[int, ...]) -> str:
    """``768x512 RGB`` (width x height)."""
    return f"{shape[1]}x{shape[0]} {'RGB' if len(shape) == 3 else 'grey'}"


def _told(key: str, mean: float, told: SetPlan) -> float:
    decimals = told.decimals + (0 if key.startswith("psnr") else 2)
    return round(mean, decimals) if told.hidden else mean


def _section(
    name: str, told: SetPlan, means: dict[str, float], values: list[dict[str, float | None]]
) -> str:
    keys = list(means)
    head = "".join(f"<th>{escape(key)}</th>" for key in keys)
    rows = [("mean", means)]
    if not told.hidden:
        rows += [
            (image, {key: value for key in keys if (value := found[key]) is not None})
            for image, found in zip(told.names, values, strict=True)
        ]
    body = "".join(
        f"<tr><th>{escape(label)}</th>"
        + "".join(f"<td>{row[key]:.{2 if key.startswith('psnr') else 4}f}</td>" for key in keys)
        + "</tr>"
        for label, row in rows
    )
    return f"<h2>{escape(name)}</h2><table><tr><th></th>{head}</tr>{body}</table>"


def _page(sections: list[str]) -> str:
    style = (
        "body{font:16px system-ui,sans-serif;margin:2rem;color:#1b1f24}table{border-collapse:"
        "collapse}td,th{padding:.25rem .75rem;border-bottom:1px solid #d0d7de;text-align:right;"
        "font-variant-numeric:tabular-nums}th:first-child{text-align:left}"
    )
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Results</title>'
        f"<style>{style}</style><body>{''.join(sections)}</body></html>\n"
    )


def main() -> int:
    """The exit code: 0 with both files written, 1 with a sentence on standard error."""
    if len(sys.argv) != 3:
        print("usage: scoring INPUT_FOLDER OUTPUT_FOLDER", file=sys.stderr)
        return 2
    try:
        score(Path(sys.argv[1]), Path(sys.argv[2]))
    except EsrbenchError as why:
        print(why, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
