"""The tier that is taken is the one that holds."""

from __future__ import annotations

import threading

import pytest

from esrbench.errors import UnavailableError
from esrbench.judge.connection import Runner
from esrbench.sandbox import choose as choosing
from esrbench.sandbox.choose import choose, why_not
from esrbench.sandbox.doctor import examine_sandbox
from esrbench.sandbox.seccomp import _CALLS, program
from esrbench.sandbox.selftest import fault
from esrbench.sandbox.tiers import MEANINGS, TIERS


@pytest.fixture
def without(monkeypatch):
    """``without("bwrap", ...)``: a machine on which these tiers do not hold."""

    def forbid(*tiers: str) -> None:
        choose.cache_clear()
        monkeypatch.setattr(
            choosing, "why_not", lambda tier: "it is not there" if tier in tiers else None
        )

    yield forbid
    choose.cache_clear()


def test_the_best_that_holds_is_taken(without) -> None:
    without()
    assert choose() == "bwrap"
    without("bwrap")
    assert choose() == "landlock"
    without("bwrap", "landlock")
    assert choose() == "limits"
    assert choose("none") == "none"


def test_a_tier_that_is_demanded_is_had_or_the_run_ends(without) -> None:
    without("bwrap")
    with pytest.raises(UnavailableError, match=r"--sandbox bwrap: it is not there"):
        choose("bwrap")
    with pytest.raises(UnavailableError, match="no sandbox 'jail'"):
        choose("jail")


def test_doctor_names_the_tier() -> None:
    (finding,) = examine_sandbox()
    assert choose() in finding.sentence
    assert finding.level == ("ok" if choose() == "bwrap" else "warn")


def test_the_self_test_finds_that_there_is_no_wall() -> None:
    assert "open a socket" in (fault("none") or "")


def test_every_tier_is_explained() -> None:
    assert set(MEANINGS) == set(TIERS)
    assert why_not("limits") is None


def test_the_filter_is_whole_instructions_and_no_number_stands_twice() -> None:
    code = program()
    assert code is None or len(code) % 8 == 0
    for column in (0, 1):
        numbers = [pair[column] for pair in _CALLS.values()]
        assert len(numbers) == len(set(numbers))


@pytest.mark.quick_cases(1)
@pytest.mark.parametrize("tier", ["landlock", "limits", "none"])
def test_a_runner_outlives_the_thread_that_asked_for_it(tier) -> None:
    if why_not(tier):
        pytest.skip(f"no {tier} here: {why_not(tier)}")
    made: list[Runner] = []
    thread = threading.Thread(target=lambda: made.append(Runner(threads=1, tier=tier)))
    thread.start()
    thread.join()
    with made[0] as runner:
        assert runner.pids
