"""No attack on what is outside succeeds in a tier that is said to stop it."""

from __future__ import annotations

from contextlib import closing

import pytest

from esrbench.sandbox import process
from esrbench.sandbox.choose import why_not
from esrbench.sandbox.landlock import version
from esrbench.sandbox.template import Template
from tests.attacks.corpus import outside, succeeded

LETS_THROUGH = {
    "bwrap": set(),
    # The tier has no file system and no process numbers of its own.
    "landlock": {"list_of_processes"} if version() >= 6 else {"signal_to_the_judge"},
}


@pytest.mark.parametrize("forked", [False, True], ids=["program", "fork"])
@pytest.mark.parametrize("tier", ["bwrap", "landlock"])
def test_every_attack_fails(tier, forked, tmp_path, monkeypatch) -> None:
    reason = why_not(tier)
    if reason is not None:
        pytest.skip(f"no {tier} here: {reason}")
    monkeypatch.setenv("ATTACKED_SECRET", "s3cret")
    forks = Template((), 1, tier)
    with outside(tmp_path) as target, closing(forks):
        got = succeeded(tier, target, forks.fork if forked else process.start)
        assert target.untouched() == []
    assert len(got) >= 130
    assert {
        name: what for name, what in got.items() if what and name not in LETS_THROUGH[tier]
    } == {}
