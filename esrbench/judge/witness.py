"""The graph beside: what a submission exported, run where none of its code is.

A runner can say anything of itself. Its network is therefore exported, the graph crosses as data
(``runner/program``), and another confined process, which has nothing of the submission but that
data, runs it. What that process gives is what was handed in, whatever the submission's code does
when it is looked at.

It is exported in a process of its own as well, beside the submission's runner and while that loads
and counts: neither an export that goes wrong nor what it leaves in memory is met by what is timed.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from esrbench.errors import EsrbenchError, SubmissionError
from esrbench.image import Image
from esrbench.judge.connection import Runner
from esrbench.judge.imaging import Imaging
from esrbench.judge.launch import loaded_runner, open_runner
from esrbench.judge.machine import Machine
from esrbench.judge.templates import Templates
from esrbench.runner import requests
from esrbench.runner.program.document import MOST_BYTES
from esrbench.submission.source import BUNDLED
from esrbench.submission.submission import Submission

NO_CODE = frozenset({"onnx", "spandrel"})
"""Forms whose process runs nothing that a participant wrote: a graph in another runtime, a
checkpoint of a network that a library knows."""
MOST_TENSOR_BYTES = 2**31
ODD = ((61, 47), (38, 83))
"""LR sizes at which graph and submission are held against each other besides the traced one."""


class NoGraph(Exception):
    """There is no graph beside; the text says why, as a clause."""


class GraphDiffers(NoGraph):
    """It is another network than the one that runs."""


@dataclass(frozen=True)
class Graph:
    """What a process that runs the graph alone was given."""

    runner: Runner
    nodes: int
    tensor_bytes: int
    traced: tuple[int, int]


def no_code_of(submission: Submission) -> str | None:
    """Why no code of its author runs, as a sentence; None where some does."""
    if submission.source == BUNDLED:
        return "Its code came with esrbench."
    if submission.form in NO_CODE:
        return "It is a file without code."
    return None


class Witness:
    """Has the graph exported and loaded, beside what else goes on; use it as a context manager."""

    def __init__(
        self,
        submission: Submission,
        weights: Path | None,
        machine: Machine,
        track: str,
        templates: Templates,
    ) -> None:
        self._submission, self._weights, self._machine = submission, weights, machine
        self._track, self._templates = track, templates
        self._exit = ExitStack()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="esrbench-witness")
        self._graph: Future[Graph] | None = None

    def graph(self) -> Graph:
        """The loaded graph, waited for; raises NoGraph where there is none."""
        assert self._graph is not None
        return self._graph.result()

    def _make(self) -> Graph:
        try:
            return self._exported()
        except NoGraph:
            self._exit.close()  # nobody is to wait beside what is timed
            raise

    def _exported(self) -> Graph:
        try:
            starter = self._templates.exporting.start
            with loaded_runner(
                self._submission, self._weights, self._machine, starter
            ) as exporting:
                exporting.send(requests.Export())
                runner = self._exit.enter_context(self._of_the_graph())  # meanwhile
                told = exporting.receive(requests.Export.answer())
                if told.document_bytes > MOST_BYTES or told.tensor_bytes > MOST_TENSOR_BYTES:
                    raise NoGraph("its graph is larger than any network's")
                body = exporting.sr[0].read_bytes(0, told.document_bytes + told.tensor_bytes)
        except EsrbenchError as why:
            raise NoGraph(clause(str(why))) from None
        try:
            runner.lr[0].write_bytes(0, body)
            runner.ask(
                requests.LoadProgram(
                    document_bytes=told.document_bytes,
                    tensor_bytes=told.tensor_bytes,
                    scale=self._submission.scale,
                    multiple=self._submission.multiple,
                    min_size=self._submission.min_size,
                    device=self._machine.device,
                    track=self._track,
                    threads=self._machine.threads,
                )
            )
        except EsrbenchError as why:
            raise NoGraph(f"its graph holds {clause(str(why))}") from None
        return Graph(runner, told.nodes, told.tensor_bytes, told.traced)

    def _of_the_graph(self) -> Runner:
        return open_runner(self._machine, starter=self._templates.serving.start)

    def __enter__(self) -> Witness:
        self._graph = self._thread.submit(self._make)
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.shutdown(wait=True, cancel_futures=True)
        self._exit.close()


def agreed(
    own: Imaging, graph: Imaging, traced: tuple[int, int], image: Image, limit: float
) -> float:
    """How far apart the outputs are, of the data range; at the traced size and at odd ones.

    Raises GraphDiffers where they are further apart than ``limit`` at the very size of the trace,
    NoGraph where only at others: there the graph is of one size, and stands for nothing else.
    """
    found = 0.0
    for size in (traced, *ODD):
        lr = _cut(image, size)[None]
        expected = own.forward(lr).sr
        try:
            apart = difference(graph.forward(lr).sr, expected, own.data_range)
        except SubmissionError as why:
            raise NoGraph(
                f"its graph does not run at {size[0]}x{size[1]}: {clause(str(why))}"
            ) from None
        if apart > limit:
            said = f"its graph answers otherwise by {apart:.1e} of the range at {size[0]}x{size[1]}"
            raise (GraphDiffers if size == traced else NoGraph)(said)
        found = max(found, apart)
    return found


def difference(one: NDArray[np.float32], other: NDArray[np.float32], data_range: float) -> float:
    """The largest between two outputs, of the data range."""
    return float(np.abs(one - other).max()) / data_range


def _cut(image: Image, size: tuple[int, int]) -> Image:
    """A crop of ``image``, mirrored out where that is smaller."""
    missing = [max(0, side - there) for side, there in zip(size, image.shape, strict=False)]
    large = np.pad(image, ((0, missing[0]), (0, missing[1]), (0, 0)), mode="symmetric")
    return np.ascontiguousarray(large[: size[0], : size[1]])


def clause(sentence: str) -> str:
    """A sentence as part of another."""
    text = sentence.strip().rstrip(".")
    return text[:1].lower() + text[1:] if text[:2] not in ("LR", "HR", "SR") else text
