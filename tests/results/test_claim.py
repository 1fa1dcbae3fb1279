"""Two judges on one results folder measure each run once."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from esrbench.results import claim


def test_a_claim_holds_while_its_owner_lives_and_lapses_after(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from esrbench.results.claim import take;"
        f"print(take(Path({str(tmp_path)!r}), 'run'), flush=True); time.sleep(60)"
    )
    other = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    try:
        assert other.stdout is not None
        assert other.stdout.readline() == "None\n"
        owner = claim.take(tmp_path, "run")
        assert owner is not None
        assert owner.pid == other.pid
        assert claim.take(tmp_path, "another") is None
    finally:
        other.kill()
        other.wait()
    assert claim.take(tmp_path, "run") is None
    claim.give_back(tmp_path, "run")
    assert not (tmp_path / claim.CLAIMS / "run").exists()


@pytest.mark.parametrize(("silent", "lives"), [(5, True), (3600, False)])
def test_another_machines_claim_lapses_when_it_is_silent(tmp_path, silent, lives) -> None:
    claim.take(tmp_path, "run")
    path = tmp_path / claim.CLAIMS / "run"
    owner = {**json.loads(path.read_text()), "place": "elsewhere", "host": "gpu9"}
    path.write_text(json.dumps(owner))
    moment = path.stat().st_mtime - silent
    os.utime(path, (moment, moment))
    other = claim.take(tmp_path, "run")
    assert (other is not None) == lives
    assert other is None or other.host == "gpu9" != socket.gethostname()


def test_without_a_place_for_claims_work_goes_on(tmp_path: Path) -> None:
    (tmp_path / claim.CLAIMS).write_text("in the way")
    with claim.claimed(tmp_path, "run") as waited:
        assert not waited


def test_what_is_under_way_is_told_while_it_is(tmp_path: Path) -> None:
    assert claim.under_way(tmp_path) == []
    with claim.claimed(tmp_path, "a", of="team07/main"), claim.claimed(tmp_path, "b"):
        assert claim.under_way(tmp_path) == ["team07/main"]
    assert claim.under_way(tmp_path) == []
