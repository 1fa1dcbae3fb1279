"""What the runs of one command share: open datasets, loaded metrics, a warm baseline, the store."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from functools import cached_property
from types import TracebackType
from typing import Any

from esrbench import bundled
from esrbench.data.dataset import Dataset, open_dataset
from esrbench.data.remembered import fingerprint, recall, remember
from esrbench.errors import EsrbenchError, UnavailableError, UsageError
from esrbench.judge.inputs import timing_inputs
from esrbench.judge.lane import Images, RunnerLane
from esrbench.judge.launch import load_into, open_runner
from esrbench.judge.options import Options
from esrbench.judge.roofline import device_ceilings
from esrbench.judge.templates import Templates
from esrbench.judge.unchanged import Unchanged
from esrbench.judge.weights import weights_at_hand
from esrbench.metrics.scorer import Scorer
from esrbench.policies import POLICIES
from esrbench.protocol.schema import parse_shape
from esrbench.results.claim import Owner
from esrbench.results.store import ResultsStore
from esrbench.submission.find import find
from esrbench.timing.doctor import examine
from esrbench.timing.environment import device_name, environment
from esrbench.timing.finding import Finding

_SELF_TEST_SECONDS = 0.5
BUILT_IN = "skimage8"
"""Where natural images for timing come from when no dataset is at hand."""


class Bench:
    """Holds what is costly to open; use it as a context manager."""

    def __init__(self, options: Options) -> None:
        policy = POLICIES[options.protocol.timing.policy]
        if policy.replayed and options.machine.device == "cpu":
            raise UnavailableError(
                f"The policy `{policy.name}` replays CUDA graphs; it needs a CUDA GPU."
            )
        # Wherever these lie, within a submission's folder too, no submission sees them.
        hidden = (options.data_root, options.results, options.weights_dir, bundled.cache())
        machine = replace(options.machine, hidden=tuple(path for path in hidden if path))
        self.options = options = replace(options, machine=machine)
        self.store = ResultsStore(options.results)
        self.missing_datasets: dict[str, str] = {}
        """Why a dataset of the protocol was left out, by its name."""
        self._told: set[str] = set()
        self._datasets: dict[tuple[str, int], Dataset] = {}
        self.unchanged = Unchanged()
        self._scorers: dict[int, Future[Scorer]] = {}
        self._baselines: dict[int, RunnerLane | None] = {}
        self._ceilings_raised = False
        self._cut: tuple[tuple[str, int], Images] | None = None
        """The natural images that were last asked for, and their size: mostly they are again."""
        self._exit = ExitStack()
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="esrbench-reader")
        self._exit.callback(self._reader.shutdown, cancel_futures=True)
        self._identities: dict[tuple[str, int], Future[str]] = {}

    @cached_property
    def templates(self) -> Templates:
        """Of which runners are forked."""
        templates = Templates(self.options.machine)
        self._exit.callback(templates.close)
        return templates

    @cached_property
    def device(self) -> str:
        """The device as records name it: ``cpu:AMD EPYC 9B14 (2 threads)``."""
        return device_name(self.options.machine.device, self.options.machine.threads)

    @cached_property
    def environment(self) -> dict[str, object]:
        """The machine and its software, asked once."""
        return environment(self.options.machine.device, self.options.machine.threads)

    @cached_property
    def findings(self) -> list[Finding]:
        """What would spoil a timing here; the worst of it is said.

        To be asked before a runner works on the device.
        """
        machine = self.options.machine
        findings = examine(machine.device, machine.threads, _SELF_TEST_SECONDS)
        bad = [finding.sentence for finding in findings if finding.level == "bad"]
        if bad:
            self.options.say(f"Timings may be spoiled here: {' '.join(bad)} (esrbench doctor)")
        return findings

    @cached_property
    def ceilings(self) -> dict[str, Any] | None:
        """What the device can do at best; None where it could not be measured."""
        return self._ceilings(again=False)

    def raise_ceilings(self) -> None:
        """Measure them once more in this command; what was beaten was measured too low."""
        if not self._ceilings_raised:
            self._ceilings_raised = True
            self.ceilings = self._ceilings(again=True)

    def _ceilings(self, *, again: bool) -> dict[str, Any] | None:
        versions = self.environment.get("versions")
        return device_ceilings(self.options.machine, self.device, versions, again=again)

    def datasets(self, scale: int) -> list[Dataset]:
        """The protocol's datasets at ``scale``; those that are not there go to the missing ones.

        Raises UnavailableError when none is there, UsageError for a name the catalogue lacks.
        """
        found = []
        for name in self.options.protocol.datasets:
            try:
                found.append(self.dataset(name, scale))
            except UsageError:
                raise
            except EsrbenchError as why:
                self.missing_datasets[name] = str(why)
        if not found:
            raise UnavailableError(" ".join(self.missing_datasets.values()))
        for name in set(self.missing_datasets) - self._told:
            self._told.add(name)
            self.options.say(f"Left out: {self.missing_datasets[name]}")
        return found

    def ranked_dataset(self, scale: int) -> Dataset:
        """The one that rows are ranked by, where it is at hand; else the first that is."""
        datasets = self.datasets(scale)
        rank_by = self.options.protocol.rank_by
        named = [d for d in datasets if rank_by is not None and d.name == rank_by.dataset]
        return (named or datasets)[0]

    def identity(self, dataset: Dataset) -> Future[str]:
        """``dataset.sha256``, found beside what else goes on.

        It decodes every image, and these are kept: asked for while a runner starts, which takes
        seconds on one core, it saves the quality pass the decoding.
        """
        key = dataset.name, dataset.scale
        if key not in self._identities:
            self._identities[key] = self._reader.submit(lambda: _sha256(dataset))
        return self._identities[key]

    def known_sha256(self, dataset: Dataset) -> str:
        """``dataset.sha256``; remembered for files that did not change, since it decodes all."""
        return recall(_fingerprint(dataset)) or self.identity(dataset).result()

    def waits_for(self, label: str) -> Callable[[Owner], None]:
        """What is said while somebody else measures the run of ``label``."""

        def say(owner: Owner) -> None:
            self.options.say(f"{label}: {owner.sentence} is measuring it; waiting for its record.")

        return say

    def scorer(self, scale: int) -> Scorer:
        """The protocol's metrics with its crop border at ``scale``."""
        return self.open_scorer(scale).result()

    def open_scorer(self, scale: int) -> Future[Scorer]:
        """:meth:`scorer`, opened beside what else goes on.

        What LPIPS imports takes about as long as a runner does to start.
        """
        if scale not in self._scorers:
            self._scorers[scale] = self._reader.submit(
                Scorer,
                self.options.protocol.metrics,
                crop=self.options.protocol.crop(scale),
                device=self.options.machine.device,
                data_root=self.options.data_root,
                weights_dir=self.options.weights_dir,
                offline=self.options.offline,
            )
        return self._scorers[scale]

    def lr_images(self, shape: str, scale: int) -> Images:
        """LR images to time on: a dataset's own by its name, or natural ones at ``HxW``."""
        if shape in self.options.protocol.datasets:
            return [pair.read_lr() for pair in self.dataset(shape, scale).pairs]
        if self._cut is None or self._cut[0] != (shape, scale):
            self._cut = (shape, scale), self._natural(shape, scale)
        return self._cut[1]

    def _natural(self, shape: str, scale: int) -> Images:
        try:
            source = self.datasets(scale)[0]
        except UnavailableError:
            source = self.dataset(BUILT_IN, scale)
        _, _, height, width = parse_shape(shape)
        return timing_inputs([pair.read_lr() for pair in source.pairs], height, width)

    def baseline(self, scale: int) -> RunnerLane | None:
        """The protocol's baseline, loaded in a process of its own; None when it has none.

        Its weights do not matter to its runtime: without them it runs with what ``build()`` gave.
        """
        if scale not in self._baselines:
            self._baselines[scale] = self._start_baseline(scale)
        return self._baselines[scale]

    def _start_baseline(self, scale: int) -> RunnerLane | None:
        name = self.options.protocol.timing.baseline
        if name is None:
            return None
        try:
            submission = find(name, scale=scale)
            weights = weights_at_hand(submission, weights_dir=self.options.weights_dir)
            machine = self.options.machine
            runner = self._exit.enter_context(open_runner(machine, submission, weights.path))
            load_into(runner, submission, weights.path, machine)
        except EsrbenchError as why:
            self.options.say(f"Runtimes stand without a baseline: {why}")
            return None
        return RunnerLane(
            label=submission.label,
            runner=runner,
            scale=scale,
            data_range=submission.data_range,
            inputs=lambda shape: self.lr_images(shape, scale),
            policy=self.options.protocol.timing.policy,
        )

    def dataset(self, name: str, scale: int) -> Dataset:
        """One dataset at ``scale``, opened once; raises as ``open_dataset`` does."""
        if (name, scale) not in self._datasets:
            opened = open_dataset(
                name,
                scale,
                data_root=self.options.data_root,
                catalogue=self.options.catalogue,
            )
            self.unchanged.note(opened)
            self._datasets[name, scale] = opened
        return self._datasets[name, scale]

    def __enter__(self) -> Bench:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._exit.close()


def _fingerprint(dataset: Dataset) -> str | None:
    files = (path for pair in dataset.pairs for path in (pair.hr_path, pair.lr_path))
    return fingerprint(dataset.scale, files)


def _sha256(dataset: Dataset) -> str:
    of = _fingerprint(dataset)
    sha256 = dataset.sha256
    if of == _fingerprint(dataset):  # nobody changed a file meanwhile
        remember(of, sha256)
    return sha256
