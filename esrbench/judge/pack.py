"""A loaded submission as a folder that needs nothing else, held against the one it came from."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
import yaml
from numpy.typing import NDArray

from esrbench.data.catalogue import load_catalogue
from esrbench.data.dataset import open_dataset
from esrbench.errors import SubmissionError, UnavailableError, UsageError
from esrbench.judge.connection import Runner
from esrbench.judge.imaging import Imaging
from esrbench.judge.launch import load_into, open_runner
from esrbench.judge.machine import Machine
from esrbench.judge.pack_repository import as_it_is, write_repository
from esrbench.judge.pack_zip import write_zip, zip_beside
from esrbench.runner.requests import WriteGraph, WriteWeights
from esrbench.submission.find import find
from esrbench.submission.formats.sidecar import name_of, sidecar_path
from esrbench.submission.submission import Submission
from esrbench.submission.weights import sha256_of

WEIGHTS, PROGRAM = "weights.safetensors", "network.pt2"
Kind = Literal["pt2", "onnx"]
GRAPHS: tuple[Kind, ...] = get_args(Kind)
LIMIT = 1e-5
"""The largest difference of outputs, of the data range, that a round trip may make."""

_GRAPH_MODEL = '''\
"""{title}: its operations are in network.pt2, its values in weights.safetensors."""

from pathlib import Path

import torch
from torch import Tensor, nn


class Network(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.graph = torch.export.load(Path(__file__).with_name("network.pt2")).module()

    def forward(self, x: Tensor) -> Tensor:
        return self.graph(x)

    def train(self, mode: bool = True) -> nn.Module:
        return self  # exported in eval mode


def build() -> nn.Module:
    return Network()
'''


@dataclass(frozen=True)
class Packed:
    """One thing that was written and loads again."""

    path: Path
    difference: float
    """Largest difference of outputs to the original's, of the data range."""

    @property
    def ok(self) -> bool:
        """Whether it gives the same output."""
        return self.difference <= LIMIT


def pack(
    submission: Submission,
    weights: Path | None,
    out: Path,
    machine: Machine,
    *,
    graphs: tuple[Kind, ...] = (),
    hand_in: bool = False,
) -> Iterator[Packed]:
    """Write ``submission`` into the new folder ``out/NAME`` and load each thing that is in it.

    ``graphs`` are of ``GRAPHS``. Source is copied; a network of a repository or of spandrel, which
    would need it, becomes a graph; of a BasicSR fork the files of the one network are copied; a
    file that is a graph is copied with a manifest beside it. ``hand_in`` puts what loaded again
    into ``out/NAME.zip`` too.

    Raises UsageError where the folder or the zip exists, SubmissionError where the network cannot
    be loaded or written.
    """
    submission = replace(submission, name=_name(submission), variant=None)
    archive = zip_beside(out / submission.name) if hand_in else None
    folder = _new_folder(out / submission.name)
    image = _photograph(submission.scale)
    try:
        with open_runner(machine, submission, weights, outbox=True) as runner:
            # A graph runs as it is; weights of another form have gone through convert_state_dict.
            load_into(runner, submission, weights, machine)
            expected = Imaging(runner, submission.scale, submission.data_range).forward(image).sr
            written = list(_write(submission, folder, runner, graphs, machine))
    except BaseException:
        shutil.rmtree(folder)  # half a folder would stand in the way of the next attempt
        raise
    largest = 0.0
    for path in written:
        again = find(str(path), scale=submission.scale)
        kept = again.folder / WEIGHTS if again.weights else None
        with open_runner(machine, again, kept) as runner:
            load_into(runner, again, kept, machine)
            sr = Imaging(runner, again.scale, again.data_range).forward(image).sr
        difference = float(np.abs(sr - expected).max()) / submission.data_range
        largest = max(largest, difference)
        yield Packed(path, difference)
    if archive is not None:
        yield Packed(write_zip(folder, archive), largest)  # the same files


def _name(submission: Submission) -> str:
    """``ecbsr-m4c16``: what is packed has no variants, and two of them must not be one."""
    return "-".join(filter(None, (submission.name, submission.variant)))


def _write(
    submission: Submission, folder: Path, runner: Runner, graphs: tuple[Kind, ...], machine: Machine
) -> Iterator[Path]:
    """Fill ``folder``; the paths that `esrbench score` can be given."""
    if submission.form == "source":
        for path in _sources(submission):
            target = folder / path.relative_to(submission.folder)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
        _manifest(submission, folder, _written_weights(runner, folder / WEIGHTS))
        yield folder
    elif submission.form == "basicsr":
        tensors = _written_weights(runner, folder / WEIGHTS)
        yield write_repository(submission, folder, WEIGHTS if tensors else None)
    elif submission.form in {"ntire", "spandrel", "define_G", "edsr"}:
        try:
            multiple = _written_graph(submission, runner, "pt2", folder / PROGRAM)
        except SubmissionError as why:
            raise SubmissionError(f"{why} {as_it_is(submission)}".rstrip()) from None
        (folder / "model.py").write_text(_GRAPH_MODEL.format(title=submission.title))
        plain = replace(
            submission,
            entry_file=Path("model.py"),
            entry_function="build",
            build_arguments={},
            multiple=multiple,
        )
        there = folder.resolve()  # the runner works in a folder of its own
        bare = replace(
            plain,
            form="source",
            folder=there,
            entry_file=there / "model.py",
            code_files=(there / PROGRAM,),
        )
        with open_runner(machine, bare, outbox=True) as second:
            load_into(second, bare, None, machine)
            _manifest(plain, folder, _written_weights(second, folder / WEIGHTS))
        yield folder
    else:
        yield _copied_graph(submission, folder)
    for kind in graphs:
        graph = folder / f"{name_of(folder)}_x{submission.scale}.{kind}"
        _written_graph(submission, runner, kind, graph)
        yield graph


def _written_weights(runner: Runner, target: Path) -> int:
    """How many tensors the runner wrote to ``target``; none: no file."""
    made = runner.outbox / target.name
    tensors = runner.ask(WriteWeights(path=str(made))).tensors
    if tensors:
        _take(made, target)
    return tensors


def _written_graph(submission: Submission, runner: Runner, kind: Kind, target: Path) -> int:
    """Have the runner write its graph to ``target``; the multiple that sizes must be of."""
    made = runner.outbox / target.name
    answer = runner.ask(WriteGraph(kind=kind, path=str(made), facts=_facts(submission)))
    _take(made, target)
    return answer.multiple


def _take(made: Path, target: Path) -> None:
    """Copy what the runner wrote into its outbox."""
    if made.is_symlink() or not made.is_file():
        raise SubmissionError(f"The runner wrote no {target.name}.")
    shutil.copyfile(made, target)


def _facts(submission: Submission) -> dict[str, Any]:
    """What a graph carries of its manifest."""
    return {
        "name": submission.name,
        "title": submission.title,
        "scale": submission.scale,
        "data_range": submission.data_range,
        "multiple": submission.multiple,
        "min_size": submission.min_size,
        **({"channels": submission.channels} if submission.channels else {}),
    }


def _manifest(submission: Submission, folder: Path, tensors: int) -> None:
    entry = f"{submission.entry_file.stem}:{submission.entry_function}"
    said = ("authors", "year", "paper", "code", "licence")
    data = {
        **_facts(submission),
        **{key: value for key in said if (value := getattr(submission, key)) is not None},
        "precision": submission.precision,
        "entry_point": entry,
        "build": submission.build_arguments,
    }
    if tensors:
        licence = submission.weights.licence if submission.weights else None
        spec = {"file": WEIGHTS, "sha256": sha256_of(folder / WEIGHTS), "licence": licence}
        data["weights"] = {key: value for key, value in spec.items() if value}
    if submission.published:
        data["published"] = {submission.scale: submission.published}
    _dump(data, folder / "submission.yaml")


def _copied_graph(submission: Submission, folder: Path) -> Path:
    for path in submission.code_files or ():
        shutil.copyfile(path, folder / path.name)
    graph = folder / submission.entry_file.name
    _dump(_facts(submission), sidecar_path(graph))
    return graph


def _dump(data: dict[str, Any], path: Path) -> None:
    path.write_text(yaml.safe_dump(data, sort_keys=False, allow_unicode=True), encoding="utf-8")


def _sources(submission: Submission) -> list[Path]:
    """The Python files of a folder, or the single file."""
    if not submission.whole_folder:
        return [submission.entry_file]
    found = sorted(submission.folder.rglob("*.py"))
    return [p for p in found if not any(s.startswith(".") for s in p.parts[-2:])]


def _new_folder(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True)
    except FileExistsError:
        raise UsageError(f"{folder} is there already; remove it or give another --out.") from None
    except OSError as why:
        raise UnavailableError(f"{folder} cannot be written: {why.strerror}.") from None
    return folder


def _photograph(scale: int) -> NDArray[np.uint8]:
    """``(1, 61, 47, 3)``: a size that is no multiple of anything."""
    dataset = open_dataset("skimage8", scale, data_root=None, catalogue=load_catalogue())
    return next(iter(dataset.pairs)).read_lr()[None, :61, :47]
