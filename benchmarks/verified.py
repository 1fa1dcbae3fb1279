"""How many networks can be judged by their exported graph, and is the graph the network?

    python benchmarks/verified.py --out rows.jsonl                  every bundled system
    python benchmarks/verified.py --out rows.jsonl --ntire FOLDER   an NTIRE repository's entries
    python benchmarks/verified.py --table rows.jsonl

Each network is exported with free height and width, written down as data and read back
(``esrbench/runner/program``), and held against the eager one: outputs at sizes it was not traced
with, and the time of a call, A B B A in this process, as the paired ratio graph over eager with its
interval. Bundled systems are built here, with the weights that ``build()`` gives; of a repository,
whose code is not ours, each entry runs within walls, where no such times are taken.

Each has ``--limit`` seconds, in a child process of its own, or for each answer: what does not end
is a row that says so. A row is one JSON line, written as soon as it is known; a row that stands is
not made again.
"""

from __future__ import annotations

import argparse
import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from bundled_systems import built, in_turn
from safetensors.torch import load, save
from torch import Tensor, nn
from within import Unanswered, within

from esrbench.data.catalogue import load_catalogue
from esrbench.data.dataset import open_dataset
from esrbench.errors import EsrbenchError
from esrbench.image import Image
from esrbench.judge.chance import rounding
from esrbench.judge.imaging import Imaging
from esrbench.judge.launch import loaded_runner
from esrbench.judge.limits import Limits
from esrbench.judge.machine import Machine
from esrbench.judge.open_sets import BUILT_IN
from esrbench.judge.templates import Templates
from esrbench.judge.witness import NoGraph, Witness, agreed
from esrbench.runner.program.document import parse
from esrbench.runner.program.read import module_of
from esrbench.runner.program.write import export, tensors_of, written
from esrbench.submission.find import find
from esrbench.submission.formats.ntire_repository import variants
from esrbench.submission.submission import Submission
from esrbench.submission.weights import WeightsUnavailable, locate_weights
from esrbench.timing.pairs import log_ratios
from esrbench.timing.statistics import ratio_interval

CPU = torch.device("cpu")
SIDE = 64
SIZES = ((61, 47), (38, 83))
LIMIT = 1e-5
_FOLDERS = re.compile(r"(/[\w.+-]+)+/")
"""Where it lies on this machine."""
Row = dict[str, object]


def row_of_ours(found: Submission, pairs: int) -> Row:
    """Export, agreement and time of one that is built here."""
    row: Row = {"of": "bundled", "network": found.label}
    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    begun = time.process_time()
    try:
        module = built(found)
        program = export(module, multiple=found.multiple, min_size=found.min_size, device=CPU)
        document, tensors = written(program)
        kept = save(dict(tensors_of(tensors)))
        graph = module_of(parse(document.model_dump_json().encode()), load(kept), CPU)
    except EsrbenchError as why:
        return {**row, "said": str(why), "export_cpu_s": round(time.process_time() - begun, 2)}
    row |= {"export_cpu_s": round(time.process_time() - begun, 2), "nodes": len(document.nodes)}
    multiple = max(found.multiple, 1)
    try:
        row["apart"] = max(
            _apart(module, graph, tuple(side + -side % multiple for side in size), found.data_range)
            for size in SIZES
        )
    except Exception as why:  # a graph of one size fails on another in many ways
        return {**row, "said": f"the graph is of one size ({type(why).__name__})"}
    image = torch.rand(1, 3, SIDE, SIDE) * found.data_range
    blocks = [_times(call, image) for call in islice(_in_turn(module, graph), 2 * pairs)]
    # A B B A: within each pair the order turns.
    eager = [times for place, times in enumerate(blocks) if place % 4 in (0, 3)]
    graphs = [times for place, times in enumerate(blocks) if place % 4 in (1, 2)]
    ratio = ratio_interval(log_ratios(graphs, eager))
    return {**row, "ratio": ratio.value, "low": ratio.low, "high": ratio.high}


def _apart(module: nn.Module, graph: nn.Module, size: tuple[int, ...], data_range: float) -> float:
    lr = torch.rand(1, 3, *size) * data_range
    return float((module(lr) - graph(lr)).abs().max()) / data_range


def _in_turn(module: nn.Module, graph: nn.Module) -> Iterator[nn.Module]:
    for each in (module, graph):
        each(torch.rand(1, 3, SIDE, SIDE))
    while True:
        yield from (module, graph, graph, module)


def _times(call: Callable[[Tensor], Tensor], image: Tensor) -> list[float]:
    """Three calls, of new values each."""
    found = []
    for _ in range(3):
        lr = image * float(np.random.default_rng().uniform(0.9, 1.0))
        begun = time.perf_counter()
        call(lr)
        found.append(1e3 * (time.perf_counter() - begun))
    return found


def row_of_theirs(root: Path, variant: str | None, machine: Machine, templates: Templates) -> Row:
    """Whether an entry of somebody's repository can be judged by its graph, asked within walls."""
    row: Row = {"of": root.name, "network": str(variant)}
    try:
        found = find(str(root), variant=variant)
        try:
            weights = locate_weights(found, offline=True)
        except WeightsUnavailable:
            weights = None
        with (
            Witness(found, weights, machine, found.precision, templates) as beside,
            loaded_runner(found, weights, machine, templates.serving.start) as runner,
        ):
            own = Imaging(runner, found.scale, found.data_range, trained=weights is not None)
            graph = beside.graph()
            row["nodes"] = graph.nodes
            other = Imaging(graph.runner, found.scale, found.data_range, trained=own.trained)
            image = photograph(found.scale)
            limit = rounding(found.precision, machine.device)
            row["apart"] = agreed(own, other, graph.traced, image, limit)
    except (EsrbenchError, NoGraph) as why:
        row["said"] = str(why)
    return row


def photograph(scale: int) -> Image:
    """An LR as a score has it: noise is nothing that these networks were made for."""
    return (
        open_dataset(BUILT_IN, scale, data_root=None, catalogue=load_catalogue()).pairs[0].read_lr()
    )


def table(rows: list[Row]) -> str:
    """Counts by where they come from, then each network that has no graph, or another time."""
    lines = ["| from | networks | export and agree | graph over eager, median | time apart |",
             "|---|---|---|---|---|"]  # fmt: skip
    for of in dict.fromkeys(str(row["of"]) for row in rows):
        here = [row for row in rows if row["of"] == of]
        sound = [row for row in here if "said" not in row and float(str(row["apart"])) <= LIMIT]
        ratios = [float(str(row["ratio"])) for row in sound if "ratio" in row]
        apart = [r for r in sound if "low" in r and not _holds_one(r)]
        middle = f"{np.median(ratios):.3f}" if ratios else "not taken"
        told = str(len(apart)) if ratios else "not taken"
        lines.append(f"| {_short(of)} | {len(here)} | {len(sound)} | {middle} | {told} |")
    lines += ["", "| network | said |", "|---|---|"]
    for of, said in dict.fromkeys((str(row["of"]), _said(row)) for row in rows if _said(row)):
        alike = [str(row["network"]) for row in rows if (row["of"], _said(row)) == (of, said)]
        lines.append(f"| {_short(of)}: {', '.join(alike)} | {said} |")
    return "\n".join(lines)


def _short(of: str) -> str:
    """``NTIRE2026``, of ``Amazingren+NTIRE2026_ESR``."""
    return of.rpartition("+")[2].partition("_")[0]


def _said(row: Row) -> str:
    """Why it has no graph, in a line; empty where it has one."""
    if "said" not in row:
        apart = float(str(row["apart"]))
        return "" if apart <= LIMIT else f"its graph answers otherwise by {apart:.1e} of the range"
    return _FOLDERS.sub("", str(row["said"])).replace("|", "/")[:160]


def _holds_one(row: Row) -> bool:
    return float(str(row["low"])) <= 1.0 <= float(str(row["high"]))


def rows_of_ours(done: set[tuple[str, str]], given: argparse.Namespace) -> Iterator[Row]:
    """Those of the bundled systems that do not stand yet."""
    for found in in_turn(given.only):
        if ("bundled", found.label) not in done:
            row: Row = {"of": "bundled", "network": found.label}
            yield in_time(row, given.limit, partial(row_of_ours, found, given.pairs))


def rows_of_theirs(
    root: Path, done: set[tuple[str, str]], given: argparse.Namespace
) -> Iterator[Row]:
    """Those of a repository's entries that do not stand yet."""
    machine = Machine(threads=1, limits=Limits(answer_seconds=given.limit))
    with closing(Templates(machine)) as templates:
        for variant in variants(root):
            if (root.name, str(variant)) not in done and (not given.only or variant in given.only):
                yield row_of_theirs(root, variant, machine, templates)


def in_time(row: Row, seconds: float, made: Callable[[], Row]) -> Row:
    """What ``made`` gives, or ``row`` with the reason why there is nothing."""
    try:
        return within(seconds, made)
    except Unanswered as why:
        return {**row, "said": str(why)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--out", type=Path)
    parser.add_argument("--ntire", type=Path)
    parser.add_argument("--table", type=Path)
    parser.add_argument("--pairs", type=int, default=12)
    parser.add_argument("--limit", type=float, default=300, help="seconds for each network")
    parser.add_argument("only", nargs="*", help="systems, or entries, that are meant; else all")
    given = parser.parse_args()
    if given.table:
        print(table([json.loads(line) for line in given.table.read_text().splitlines()]))
        return
    known = given.out.read_text().splitlines() if given.out.exists() else []
    done = {(row["of"], row["network"]) for row in map(json.loads, known)}
    root = given.ntire
    made = rows_of_theirs(root, done, given) if root else rows_of_ours(done, given)
    with given.out.open("a") as file:
        for row in made:
            print(json.dumps(row), file=file, flush=True)


if __name__ == "__main__":
    main()
