"""Which public repositories can be measured as they are: a table for docs/repositories.md.

    python benchmarks/repositories.py FOLDER_OF_REPOSITORIES --out rows.jsonl
    python benchmarks/repositories.py --table rows.jsonl

Each repository's networks are found by their option files (one a network, the largest scale, unless
``--all``) or models, loaded in a runner of their own, and given one LR image of 34x39. A row is one
JSON line, written as soon as it is known, and a row that stands is not made again.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from esrbench.errors import EsrbenchError
from esrbench.judge.imaging import Imaging
from esrbench.judge.launch import load_into, open_runner
from esrbench.judge.limits import Limits
from esrbench.judge.machine import Machine
from esrbench.submission.find import find
from esrbench.submission.formats.repository import edsr_models
from esrbench.submission.formats.repository.option_file import read_option_file
from esrbench.submission.formats.repository.tree import option_files
from esrbench.submission.submission import Submission
from esrbench.submission.weights import WeightsUnavailable, locate_weights

LR = np.random.default_rng(0).integers(0, 256, (1, 34, 39, 3), dtype=np.uint8)
Row = dict[str, object]


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


def row_of(root: Path, path: Path, variant: str | None, shown: str, seconds: float) -> Row:
    """What became of one of them: a network that ran, or the sentence that says why not."""
    row: Row = {"repository": root.name, "option": shown}
    started = time.perf_counter()
    try:
        found = find(str(path), variant=variant)
        row.update(_ran(found, seconds))
    except EsrbenchError as why:
        row["said"] = str(why).replace(f"{root}/", "")
    return {**row, "seconds": round(time.perf_counter() - started, 1)}


def _ran(found: Submission, seconds: float) -> Row:
    try:
        weights = locate_weights(found, offline=True)
    except WeightsUnavailable:
        weights = None
    machine = Machine(threads=1, limits=Limits(answer_seconds=seconds))
    with open_runner(machine, found, weights) as runner:
        loaded = load_into(runner, found, weights, machine)
        trained = weights is not None
        sr = Imaging(runner, found.scale, found.data_range, trained=trained).forward(LR).sr
    return {
        "network": found.title.partition(" (")[0],
        "scale": found.scale,
        "params": loaded.params,
        "weights": found.weights.file if weights and found.weights else None,
        "notes": [*found.notes, *loaded.notes],
        "sr": list(sr.shape),
    }


def table(rows: list[Row]) -> str:
    """The rows as Markdown: those that ran, then those that did not, with their sentence."""
    ran = [row for row in rows if "params" in row]
    lines = ["| repository | asked for | network | params | weights there | noted |"]
    lines += ["|---|---|---|---:|---|---|"]
    for row in ran:
        notes = "; ".join(map(str, row["notes"])) if isinstance(row["notes"], list) else ""
        weights = "yes" if row["weights"] else ""
        lines.append(
            f"| {row['repository']} | `{row['option']}` | {row['network']} x{row['scale']} "
            f"| {row['params']:,} | {weights} | {notes} |"
        )
    lines += ["", "| repository | asked for | what it is told |", "|---|---|---|"]
    for row in rows:
        if "said" in row:
            said = str(row["said"]).replace("|", "\\|").removeprefix(str(row["option"]))
            said = said.lstrip(":, ")
            lines.append(f"| {row['repository']} | `{row['option']}` | {said} |")
    return "\n".join(lines)


def main() -> None:
    """Make rows, or the table of those that are made."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="*", type=Path, help="Each a repository, or many of them.")
    parser.add_argument("--out", type=Path, default=Path("rows.jsonl"))
    parser.add_argument("--table", type=Path)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--seconds", type=float, default=240.0, help="That one answer may take.")
    given = parser.parse_args()
    if given.table:
        print(table([json.loads(line) for line in given.table.read_text().splitlines()]))
        return
    known = given.out.read_text().splitlines() if given.out.exists() else []
    done = {(row["repository"], row["option"]) for row in map(json.loads, known)}
    for root in (folder.resolve() for folder in given.folders):
        for path, variant, shown in offered(root, everything=given.all):
            if (root.name, shown) in done:
                continue
            row = row_of(root, path, variant, shown, given.seconds)
            with given.out.open("a") as file:
                file.write(json.dumps(row) + "\n")
            print(
                row.get("said") or f"{row['network']} x{row['scale']}", row["seconds"], flush=True
            )


if __name__ == "__main__":
    main()
