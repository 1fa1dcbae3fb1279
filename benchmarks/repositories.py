"""Which public repositories can be measured as they are: a table for docs/repositories.md.

    python benchmarks/repositories.py FOLDER_OF_REPOSITORIES --out rows.jsonl
    python benchmarks/repositories.py REPO/options/x2.yml --weights x2.pth --dataset Set5
    python benchmarks/repositories.py REPO --model NAME --dataset Set5
    python benchmarks/repositories.py --table rows.jsonl [--onto docs/repositories.md]

Each repository's networks are found by their option files (one a network, the largest scale, unless
``--all``) or models, loaded in a runner of their own, and given one LR image of 34x39. A row is one
JSON line, written as soon as it is known, and a row that stands is not made again. ``--dataset``
scores those with weights on a set besides: PSNR and SSIM of Y. ``--onto`` puts the rows into the
tables of a page that has some, in the place of those of the same name or behind the others.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from esrbench.data.catalogue import load_catalogue
from esrbench.data.dataset import open_dataset
from esrbench.errors import EsrbenchError
from esrbench.judge.imaging import Imaging
from esrbench.judge.launch import load_into, open_runner
from esrbench.judge.limits import Limits
from esrbench.judge.machine import Machine
from esrbench.judge.quality import quality_pass
from esrbench.metrics.scorer import Scorer
from esrbench.submission.find import find
from esrbench.submission.formats.repository import edsr_models
from esrbench.submission.formats.repository.option_file import read_option_file
from esrbench.submission.formats.repository.tree import option_files, root_of
from esrbench.submission.submission import Submission
from esrbench.submission.weights import WeightsUnavailable, locate_weights

LR = np.random.default_rng(0).integers(0, 256, (1, 34, 39, 3), dtype=np.uint8)
Row = dict[str, object]
MOST_MEMORY = 16 * 2**30
"""Bytes that one network may hold: a public one should not end what else runs here."""


def offered(root: Path, *, everything: bool) -> Iterator[tuple[Path, str | None, str]]:
    """``(path, variant, shown)`` of what a repository has to be measured."""
    files = option_files(root)
    tests = [file for file in files if "train" not in file.as_posix().lower()] or files
    largest: dict[str, tuple[int, Path]] = {}
    for file in tests:
        try:
            option = read_option_file(file)
            key, scale = option.network, option.scale or 0
        except EsrbenchError:
            key, scale = str(file), 0
        if everything:
            key = str(file)
        if key not in largest or scale > largest[key][0]:
            largest[key] = (scale, file)
    for _, file in largest.values():
        yield file, None, str(file.relative_to(root))
    if not files:
        for model in edsr_models.models(root):
            yield root, model.name, f"--model {model.name}"


def row_of(
    root: Path,
    path: Path,
    variant: str | None,
    shown: str,
    seconds: float,
    *,
    checkpoint: Path | None = None,
    dataset: str | None = None,
) -> Row:
    """What became of one of them: a network that ran, or the sentence that says why not."""
    row: Row = {"repository": root.name, "option": shown}
    started = time.perf_counter()
    try:
        found = find(str(path), variant=variant, checkpoint=checkpoint)
        row.update(_ran(found, seconds, dataset))
    except EsrbenchError as why:
        row["said"] = str(why).replace(f"{root}/", "")
    return {**row, "seconds": round(time.perf_counter() - started, 1)}


def _ran(found: Submission, seconds: float, dataset: str | None) -> Row:
    try:
        weights = locate_weights(found, offline=True)
    except WeightsUnavailable:
        weights = None
    limits = Limits(answer_seconds=seconds, memory_bytes=MOST_MEMORY)
    machine = Machine(threads=1, limits=limits)
    with open_runner(machine, found, weights) as runner:
        loaded = load_into(runner, found, weights, machine)
        trained = weights is not None
        imaging = Imaging(runner, found.scale, found.data_range, trained=trained)
        sr = imaging.forward(LR).sr
        scored = _scored(imaging, dataset) if trained and dataset else {}
    return {
        **scored,
        "network": found.title.partition(" (")[0],
        "scale": found.scale,
        "params": loaded.params,
        "weights": found.weights.file if weights and found.weights else None,
        "notes": [*found.notes, *loaded.notes],
        "sr": list(sr.shape),
    }


def _scored(imaging: Imaging, name: str) -> Row:
    """PSNR and SSIM of Y on the set called ``name``, as ``classic`` has them."""
    scale = imaging.scale
    pairs = open_dataset(
        name,
        scale,
        data_root=Path(os.environ["ESRBENCH_DATA_ROOT"]),
        catalogue=load_catalogue(None),
    )
    scorer = Scorer(("psnr_y", "ssim_y"), crop=scale)
    nothing = lambda *_: None  # noqa: E731
    means = quality_pass(imaging, pairs, scorer, keep=nothing, progress=nothing).means
    return {"dataset": name, "psnr": means["psnr_y"], "ssim": means["ssim_y"]}


HEADS = (
    "| asked for | | PSNR / SSIM |",
    "| repository | asked for | network | params | weights there | noted |",
    "| repository | asked for | what it is told |",
)
"""The tables that a page has, each by its first line."""


def tables(rows: list[Row]) -> list[list[str]]:
    """The lines of each of the tables: quality, what ran, and what did not with its sentence."""
    quality = [
        f"| {row['repository']} `{row['option']}` | x{row['scale']} "
        f"| {row['psnr']:.2f} / {_without_zero(row['ssim'])} |"
        for row in rows
        if "psnr" in row
    ]
    lines = []
    for row in rows:
        if "params" not in row or "psnr" in row:
            continue
        notes = "; ".join(map(str, row["notes"])) if isinstance(row["notes"], list) else ""
        weights = "yes" if row["weights"] else ""
        lines.append(
            f"| {row['repository']} | `{row['option']}` | {row['network']} x{row['scale']} "
            f"| {row['params']:,} | {weights} | {notes} |"
        )
    told = []
    for row in rows:
        if "said" in row:
            said = str(row["said"]).replace("|", "\\|").removeprefix(str(row["option"]))
            said = said.lstrip(":, ")
            told.append(f"| {row['repository']} | `{row['option']}` | {said} |")
    return [quality, lines, told]


def put_onto(page: str, rows: list[Row]) -> str:
    """``page`` with ``rows`` in its tables: each in the place of what stood for the same, in any of
    them, or behind the others of its table."""
    new = dict(zip(HEADS, tables(rows), strict=True))
    known = {_key(line) for made in new.values() for line in made}
    lines: list[str] = []
    head = None
    for line in [*page.split("\n"), ""]:
        if line in new:
            head = line
        elif head is not None and not line.startswith("|"):
            lines += [made for made in new[head] if made not in lines]
            head = None
        if head is not None and _key(line) in known:
            same = [made for made in new[head] if _key(made) == _key(line)]
            lines += [made for made in same if made not in lines]
        else:
            lines.append(line)
    return "\n".join(lines[:-1])


def _key(line: str) -> tuple[str, ...]:
    """What a row is of: repository and option; where it is of quality, both in one cell."""
    cells = [cell.strip() for cell in line.strip("|").split("|")]
    of_quality = len(cells) == 3 and re.fullmatch(r"x\d", cells[1]) is not None
    return tuple(cells[: 1 if of_quality else 2])


def _without_zero(value: object) -> str:
    return f"{value:.4f}".removeprefix("0")


def _asked(
    folder: Path, root: Path, model: str | None, *, everything: bool
) -> Iterator[tuple[Path, str | None, str]]:
    """The one that was named, or all that the repository offers."""
    if folder.is_file():
        yield folder, None, str(folder.relative_to(root))
    elif model is not None:
        yield folder, model, f"--model {model}"
    else:
        yield from offered(root, everything=everything)


def main() -> None:
    """Make rows, or the table of those that are made."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="*", type=Path, help="Each a repository, or many of them.")
    parser.add_argument("--out", type=Path, default=Path("rows.jsonl"))
    parser.add_argument("--table", type=Path)
    parser.add_argument("--onto", type=Path, help="A page whose tables take the rows.")
    parser.add_argument("--model", help="Of an EDSR-PyTorch fork: this one alone.")
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--dataset", help="Score those with weights on this set.")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--seconds", type=float, default=240.0, help="That one answer may take.")
    given = parser.parse_args()
    if given.table:
        rows = [json.loads(line) for line in given.table.read_text().splitlines()]
        if given.onto:
            given.onto.write_text(put_onto(given.onto.read_text(), rows))
        else:
            print(put_onto("\n\n".join(HEADS), rows))
        return
    known = given.out.read_text().splitlines() if given.out.exists() else []
    done = {(row["repository"], row["option"]) for row in map(json.loads, known)}
    for folder in (folder.resolve() for folder in given.folders):
        root = folder if folder.is_dir() else root_of(folder)
        for path, variant, shown in _asked(folder, root, given.model, everything=given.all):
            shown += f" --weights {given.weights.name}" if given.weights else ""
            if (root.name, shown) in done:
                continue
            row = row_of(
                root, path, variant, shown, given.seconds,
                checkpoint=given.weights, dataset=given.dataset,
            )  # fmt: skip
            with given.out.open("a") as file:
                file.write(json.dumps(row) + "\n")
            print(
                row.get("said") or f"{row['network']} x{row['scale']}", row["seconds"], flush=True
            )


if __name__ == "__main__":
    main()
