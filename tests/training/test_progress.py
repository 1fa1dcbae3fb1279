"""What a run says without a terminal: at the start, each minute, each epoch."""

from __future__ import annotations

import re

import pytest

from training import progress
from training.progress import Progress


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(progress, "time", clock)
    return clock


def test_a_line_at_the_start_and_one_a_minute(
    clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    said = Progress(1_000, 2_000)
    assert capsys.readouterr().err == "1,000 of 2,000 iterations: begun\n"
    for _ in range(130):  # a second each
        clock.now += 1
        said.step()
    lines = capsys.readouterr().err.splitlines()
    assert lines == [
        "1,060 of 2,000: 1.00 it/s, about 16 min left",
        "1,120 of 2,000: 1.00 it/s, about 15 min left",
    ]


def test_slow_iterations_are_told_in_seconds(
    clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    said = Progress(0, 1_000)
    capsys.readouterr()
    clock.now += 100
    said.step()
    assert capsys.readouterr().err == "1 of 1,000: 100.00 s/it, about 27 h 45 min left\n"


def test_an_epoch_is_one_of_the_lines(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    said = Progress(0, 100)
    capsys.readouterr()
    for done in range(1, 101):
        clock.now += 0.5
        said.step()
        if done % 50 == 0:
            said.epoch("l1 0.03000")
    lines = capsys.readouterr().err.splitlines()
    assert lines == [
        "50 of 100: l1 0.03000, 2.00 it/s, about 1 min left",
        "100 of 100: l1 0.03000, 2.00 it/s",
    ]
    assert not any(re.search("nan|inf", line) for line in lines)
