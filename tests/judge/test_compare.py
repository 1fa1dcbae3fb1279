"""Two submissions in real processes: which is faster, and what is said when one breaks."""

from __future__ import annotations

import pytest

from esrbench.errors import SubmissionError
from esrbench.judge import compare as judge
from esrbench.judge import launch
from esrbench.judge.connection import Runner
from esrbench.judge.machine import Machine
from esrbench.protocol.schema import Timing
from esrbench.submission.find import find
from esrbench.timing.statistics import Verdict

TIMING = Timing(max_seconds=4, warmup_seconds=0.1, block_seconds=0.05, min_blocks=4)
MORE_WORK = "for _ in range(40): x = x.clone().sqrt().square()\nreturn " + (
    "F.interpolate(x, scale_factor=4, mode='bilinear')"
)


@pytest.mark.slow
def test_each_pair_has_processes_of_its_own(write_submission, monkeypatch) -> None:
    less = find(str(write_submission("less")))
    more = find(str(write_submission("more", forward=MORE_WORK)))
    started: list[int] = []
    ended: list[int] = []

    class Counted(Runner):
        def __enter__(self) -> Runner:
            assert len(started) - len(ended) < 2  # no more than one pair at a time
            started.append(self._process.pid)
            return super().__enter__()

        def __exit__(self, *how) -> None:
            super().__exit__(*how)
            ended.append(self._process.pid)

    monkeypatch.setattr(launch, "Runner", Counted)
    found = judge.compare_submissions(
        less, more, shape="48x48", timing=TIMING, machine=Machine(threads=1), processes=2
    )
    assert found.verdict is Verdict.FASTER
    assert (found.first, found.second, found.processes) == ("less", "more", 2)
    assert len(set(started)) == 4
    assert sorted(ended) == sorted(started)


@pytest.mark.quick_cases(1)
@pytest.mark.parametrize("broken_first", [True, False])
def test_the_one_that_breaks_is_named(write_submission, broken_first) -> None:
    pair = [
        find(str(write_submission("broken", forward="raise ValueError('too small')"))),
        find(str(write_submission("whole"))),
    ]
    first, second = pair if broken_first else reversed(pair)
    with pytest.raises(SubmissionError, match=r"^broken: .*too small"):
        judge.compare_submissions(
            first, second, shape="48x48", timing=TIMING, machine=Machine(threads=1)
        )


def test_one_that_does_not_load_is_named(write_submission) -> None:
    broken = find(str(write_submission("broken", top="import a_module_nobody_has")))
    whole = find(str(write_submission("whole")))
    with pytest.raises(SubmissionError, match=r"^broken: .*a_module_nobody_has"):
        judge.compare_submissions(
            whole, broken, shape="48x48", timing=TIMING, machine=Machine(threads=1)
        )
