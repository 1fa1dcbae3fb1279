"""What the runs of one command share: open datasets, loaded metrics, a warm baseline, the store."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from functools import cached_property
from types import TracebackType

from esrbench import bundled
from esrbench.errors import UnavailableError
from esrbench.judge.baselines import Baselines
from esrbench.judge.device_facts import DeviceFacts
from esrbench.judge.open_sets import OpenSets
from esrbench.judge.options import Options
from esrbench.judge.scorers import Scorers
from esrbench.judge.templates import Loans, Templates
from esrbench.policies import POLICIES
from esrbench.results.claim import Owner
from esrbench.results.store import ResultsStore


class Bench:
    """Holds what is costly to open, in parts: a function takes the part that it needs.

    Use it as a context manager. ``lent``: what another process of the command forks runners of.
    """

    def __init__(self, options: Options, *, lent: Loans | None = None) -> None:
        policy = POLICIES[options.protocol.timing.policy]
        if policy.replayed and options.machine.device == "cpu":
            raise UnavailableError(
                f"The policy `{policy.name}` replays CUDA graphs; it needs a CUDA GPU."
            )
        # Wherever these lie, within a submission's folder too, no submission sees them.
        hidden = (options.data_root, options.results, options.weights_dir, bundled.cache())
        machine = replace(options.machine, hidden=tuple(path for path in hidden if path))
        self.options = options = replace(options, machine=machine)
        self._exit = ExitStack()
        self._lent = lent
        reader = ThreadPoolExecutor(1, thread_name_prefix="esrbench-reader")
        self._exit.callback(reader.shutdown, cancel_futures=True)
        self.store = ResultsStore(options.results)
        self.device = DeviceFacts(machine, options.say)
        self.sets = OpenSets(options, reader)
        self.scorers = Scorers(options, reader)
        self.baselines = Baselines(options, self.sets, self._exit)

    @cached_property
    def templates(self) -> Templates:
        """Of which runners are forked."""
        templates = Templates(self.options.machine, self._lent)
        self._exit.callback(templates.close)
        return templates

    def waits_for(self, label: str) -> Callable[[Owner], None]:
        """What is said while somebody else measures the run of ``label``."""

        def say(owner: Owner) -> None:
            self.options.say(f"{label}: {owner.sentence} is measuring it; waiting for its record.")

        return say

    def __enter__(self) -> Bench:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._exit.close()
