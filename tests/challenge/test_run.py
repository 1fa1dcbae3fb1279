"""A whole small challenge: handed in, measured once, standing, published."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from esrbench import bundled
from esrbench.challenge.add import add
from esrbench.challenge.folder import ChallengeFolder
from esrbench.challenge.init import init
from esrbench.challenge.publish import publish
from esrbench.challenge.run import Running, run
from esrbench.challenge.status import status
from esrbench.engines.local import LocalEngine
from esrbench.errors import UsageError
from esrbench.judge.machine import Machine


def test_each_version_is_measured_once_and_one_fault_costs_one_row(tmp_path: Path) -> None:
    folder = ChallengeFolder(init(tmp_path / "esr", protocol="quick").parent)
    broken = tmp_path / "broken.py"
    broken.write_text("def build():\n    raise ValueError('on purpose')\n")
    close = folder.read().dates.close
    assert close is not None
    network = str(bundled.submissions() / "quicksrnet")
    add(folder.root, "broken", str(broken), check=False)
    add(folder.root, "early", network, check=False)
    add(folder.root, "late", network, check=False, received=close.replace(year=close.year + 1))
    said: list[str] = []
    running = Running(machine=lambda *_: Machine(threads=1), timing=False, say=said.append)
    side_by_side = replace(running, engine=partial(LocalEngine, workers=2))
    records = run(folder.root, side_by_side).records

    assert [(r.submission, r.status) for r in records] == [
        ("broken", "rejected"), ("early", "ok"), ("late", "ok"),
    ]  # fmt: skip
    assert "on purpose" in (records[0].reason or "")
    early, late = records[1:]
    assert early.verification is not None
    assert early.verification.status == "verified"  # handed in as code, scored as its graph
    assert early.quality == late.quality
    assert early.challenge is not None
    assert (early.challenge.team, early.challenge.track) == ("early", "main")
    assert ("late" in early.flags, "late" in late.flags) == (False, True)

    challenge = folder.read()
    found = status(folder, challenge, folder.store.records())
    assert [cell.state for cell in found.cells] == ["rejected", "ok", "ok"]
    assert all((cell.seconds or 0) > 0 for cell in found.cells)
    assert [r.id for r in run(folder.root, running).records] == [r.id for r in records]
    sheets = {path.stem: path.read_text() for path in publish(folder.root).sheets}
    assert "**Rank 1.**" in sheets["early"]
    assert "Not ranked" in sheets["late"]
    with pytest.raises(UsageError, match="did you mean 'early'"):
        run(folder.root, Running(machine=running.machine, teams=("erly",)))
