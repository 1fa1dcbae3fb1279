"""The protocol's baseline, which every submission is timed beside: loaded once a command."""

from __future__ import annotations

from contextlib import ExitStack

from esrbench.errors import EsrbenchError
from esrbench.judge.lane import RunnerLane
from esrbench.judge.launch import load_into, open_runner
from esrbench.judge.open_sets import OpenSets
from esrbench.judge.options import Options
from esrbench.judge.weights import weights_at_hand
from esrbench.submission.find import find


class Baselines:
    """One a scale, in a process of its own that ends with ``running``."""

    def __init__(self, options: Options, sets: OpenSets, running: ExitStack) -> None:
        self._options, self._sets, self._running = options, sets, running
        self._open: dict[int, RunnerLane | None] = {}

    def at(self, scale: int) -> RunnerLane | None:
        """That of ``scale``; None where the protocol has none, or it does not run here.

        Its weights do not matter to its runtime: without them it runs with what ``build()`` gave.
        """
        if scale not in self._open:
            self._open[scale] = self._started(scale)
        return self._open[scale]

    def _started(self, scale: int) -> RunnerLane | None:
        name = self._options.protocol.timing.baseline
        if name is None:
            return None
        try:
            submission = find(name, scale=scale)
            weights = weights_at_hand(submission, weights_dir=self._options.weights_dir)
            machine = self._options.machine
            runner = self._running.enter_context(open_runner(machine, submission, weights.path))
            load_into(runner, submission, weights.path, machine)
        except EsrbenchError as why:
            self._options.say(f"Runtimes stand without a baseline: {why}")
            return None
        return RunnerLane(
            label=submission.label,
            runner=runner,
            scale=scale,
            data_range=submission.data_range,
            inputs=lambda shape: self._sets.lr_images(shape, scale),
            policy=self._options.protocol.timing.policy,
        )
