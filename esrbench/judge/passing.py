"""Many checkpoints of one architecture through one runner: counted once, each scored.

The network is built anew for every checkpoint and filled strictly, in the same process: what a
fresh runner would hold, without its start. One that ends the runner costs its own row.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from types import TracebackType

from esrbench.judge.bench import Bench
from esrbench.judge.chance import Asking, rounding
from esrbench.judge.connection import Runner
from esrbench.judge.datasets import measure_quality
from esrbench.judge.imaging import Imaging
from esrbench.judge.launch import loaded_runner, open_runner
from esrbench.judge.memory import measure_memory
from esrbench.judge.parts import Part, Reason, Steadiness
from esrbench.judge.phase import PhaseFailed, phase
from esrbench.judge.phases import counted, given, loaded, steadiness
from esrbench.judge.shapes import memory_shapes
from esrbench.judge.weights import Weights
from esrbench.judge.who import Who
from esrbench.submission.submission import Submission

COUNTED_ONCE = "Counts and memory are those of the run's first checkpoint ({of}), counted once."
_EACH = 64
"""Checkpoints that one runner takes: what a library leaves behind with each network has an end."""
_ALONE = "Of a run only what differs between its checkpoints is measured; score one by itself."


class Passing:
    """One runner that takes one checkpoint of ``files`` after another; a context manager."""

    def __init__(self, files: Sequence[Path], bench: Bench) -> None:
        self._files, self._bench = files, bench
        self._runner: Runner | None = None
        self._taken = 0
        """Checkpoints that this runner has taken."""
        self._counted: tuple[int, str, list[Part]] | None = None
        """Params of what was counted, the checkpoint it was counted with, and what was found."""

    def phases(
        self, submission: Submission, weights: Weights, who: Who, bench: Bench
    ) -> Iterator[Part]:
        """The parts of one checkpoint; raises PhaseFailed where it fails."""
        try:
            yield from self._of_one(submission, weights, who)
        except PhaseFailed as failure:
            if failure.status == "failed":  # who knows what state it is in
                self.close()
            raise

    def _of_one(self, submission: Submission, weights: Weights, who: Who) -> Iterator[Part]:
        bench, options, scale = self._bench, self._bench.options, submission.scale
        yield given(weights, bench, False)
        options.progress.phase(f"{who.label}: loading")
        with phase("loading"):
            runner = self._opened(submission, weights)
            network = loaded(runner, submission, weights, bench)
            yield network
        bench.scorers.open(scale)
        imaging = Imaging(runner, scale, submission.data_range)
        asking = Asking(imaging, rounding(who.precision, options.machine.device))
        if self._counted is None or self._counted[0] != network.params:
            with phase("counting"):
                found = list(self._count(asking, submission, weights, who))
            self._counted = (network.params, _name(weights), found)
            yield from found
        else:
            yield from self._counted[2]
            yield Part(notes=(COUNTED_ONCE.format(of=self._counted[1]),))
        steady = next(part for part in self._counted[2] if isinstance(part, Steadiness))
        with phase("the quality pass"):
            fresh = partial(loaded_runner, submission, weights.path, options.machine)
            yield from measure_quality(asking, steady.chance, who, bench, fresh)
        yield Part(reasons=(Reason("phase", "facts", _ALONE),))

    def _count(
        self, asking: Asking, submission: Submission, weights: Weights, who: Who
    ) -> Iterator[Part]:
        bench, machine = self._bench, self._bench.options.machine
        bench.options.progress.phase(f"{who.label}: counting")
        runner = asking.imaging.runner
        fresh = partial(loaded_runner, submission, weights.path, machine)
        counts = counted(runner, submission, who, bench)
        yield counts
        at = bench.options.protocol.counting_input(submission.scale)
        opened = partial(bench.sets.named, scale=submission.scale)
        yield measure_memory(runner, memory_shapes(at, (), opened), machine.device, fresh)
        yield steadiness(asking, fresh, counts, bench)

    def _opened(self, submission: Submission, weights: Weights) -> Runner:
        if self._taken >= _EACH:
            self.close()
        self._taken += 1
        if self._runner is None:
            machine = self._bench.options.machine
            self._runner = open_runner(machine, submission, weights.path, also=self._files)
            self._runner.__enter__()
        return self._runner

    def close(self) -> None:
        """End the runner; the next checkpoint gets a new one."""
        if self._runner is not None:
            self._runner.close()
            self._runner, self._taken = None, 0

    def __enter__(self) -> Passing:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def _name(weights: Weights) -> str:
    return weights.path.name if weights.path else "no weights"
