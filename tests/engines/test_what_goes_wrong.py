"""What may fail while a challenge is measured: nothing of it costs another's row or lies in one."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from esrbench.cli.ended import ended
from esrbench.data.catalogue import load_catalogue
from esrbench.engines import halves
from esrbench.engines.cluster.content import parcel_of
from esrbench.engines.cluster.slot import Slot
from esrbench.engines.outcomes import DEATHS, Outcomes
from esrbench.engines.plan import Job, plan
from esrbench.engines.run import Ran, run_with
from esrbench.errors import UnavailableError
from esrbench.judge.bench import Bench
from esrbench.judge.machine import Machine
from esrbench.judge.options import Options
from esrbench.leaderboard.table import build_tables
from esrbench.protocol.load import load_protocol
from esrbench.results import store as stores
from esrbench.results.record import ImageScore, RunRecord
from esrbench.results.store import ResultsStore
from tests.engines.test_local import FORWARD, command, write
from tests.report.records import record


def options(root: Path) -> Options:
    """Of ``quick`` on the built-in photographs, one thread."""
    protocol = load_protocol("quick").model_copy(update={"datasets": ("skimage8",)})
    machine = Machine(threads=1)
    return Options(protocol, load_catalogue(None), machine, root, timing=False, offline=True)


def _full(*_: Any, **__: Any) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_full_disk_is_said_and_leaves_no_half_of_a_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stores, "write_whole", _full)
    with pytest.raises(UnavailableError, match="No space left") as fault:
        ResultsStore(tmp_path).add(record("one"))
    assert fault.value.exit_code == 3
    monkeypatch.setattr(halves, "write_whole", _full)
    with pytest.raises(UnavailableError, match="No space left"):
        halves.keep_half(tmp_path, "k", record("one"))
    assert list(tmp_path.rglob("*.json")) == []


def test_a_submission_that_takes_its_worker_down_again_and_again_has_a_row(tmp_path: Path) -> None:
    class Engine:
        side_by_side = 1

        def run(self, jobs: tuple[Job, ...]) -> Outcomes:
            return Outcomes(took_down={job.number: "signal SIGKILL" for job in jobs[:1]},
                            left_open=list(jobs[1:]))  # fmt: skip

    planned = plan(["nearest", "lanczos"])
    with Bench(options(tmp_path)) as bench:
        ran = run_with(lambda bench, hear: Engine(), planned.jobs, bench)
    (row,) = ran.records
    assert (row.submission, row.status) == ("nearest", "failed")
    told = f"It took its worker down {DEATHS} times (the last: signal SIGKILL)."
    assert row.reason == told
    assert [job.label for job in ran.left_open] == ["lanczos"]


@pytest.mark.slow
def test_images_that_differ_between_nodes_are_refused_before_anything_is_measured(
    tmp_path: Path,
) -> None:
    write(tmp_path / "net")
    (job,) = plan([str(tmp_path / "net")]).jobs
    slot = Slot(options(tmp_path / "r"), None, 1, bound=False)
    parcel = parcel_of(job, job.submission(), None)
    answer = slot.do(job, parcel, "untimed", None, {"skimage8": "0" * 64})
    assert answer.record is None
    assert answer.error is not None
    text, code = answer.error
    assert code == 3
    assert "skimage8 on this node" in text
    assert "is not the driver's: sha256" in text


def test_no_clock_decides_a_rank() -> None:
    """Two nodes whose clocks are a year apart: ids and dates swapped, the ranks stay."""
    early = {"created": "2026-01-01T00:00:00+00:00", "id": "20260101t000000z-000001"}
    late = {"created": "2027-01-01T00:00:00+00:00", "id": "20270101t000000z-000001"}

    def ranks(first: dict[str, str], second: dict[str, str]) -> list[tuple[str, int | None]]:
        worse, better = record("worse", psnr=30.0), record("better", psnr=32.0)
        rows = [worse.model_copy(update=first), better.model_copy(update=second)]
        (table,) = build_tables(rows)
        return [(row.record.label, row.rank) for row in table.rows]

    assert ranks(early, late) == ranks(late, early)


def _of(status: str, **changes: Any) -> RunRecord:
    return record("net").model_copy(update={"status": status, **changes})


JOB = Job(0, "net", None, None, "net")


def test_what_a_command_holds_does_not_grow_with_images_and_nothing_is_lost(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scores = [ImageScore(name="baby", values={"psnr_y": 33.25}, lr_size=(4, 5))]
    whole = record("net").model_copy(update={"images": {"Set5": scores}})
    ran = Ran()
    ran.add(whole, ResultsStore(tmp_path).add(whole))
    assert ran.records[0].images == {}
    assert ended(ran, json=True) == 0
    (told,) = json.loads(capsys.readouterr().out)["records"]
    assert told["images"]["Set5"][0]["values"] == {"psnr_y": 33.25}


ENDS = [
    (Ran(), (), 0),
    (Ran([_of("ok")]), (), 0),
    (Ran([_of("ok"), _of("failed")]), (), 1),
    (Ran([_of("rejected")]), (), 1),
    (Ran([_of("ok", weights_status="missing")]), (), 3),
    (Ran([_of("ok")], left_open=[JOB]), (), 4),
    (Ran([_of("ok")], errors=[("The store is read-only.", 3)]), (), 3),
    (Ran([_of("ok")]), ("There is no such thing.",), 2),
]


@pytest.mark.parametrize(("ran", "faults", "code"), ENDS)
def test_exit_codes(ran: Ran, faults: tuple[str, ...], code: int) -> None:
    assert ended(ran, faults) == code


@pytest.mark.slow
def test_a_driver_that_is_killed_leaves_nothing_behind_and_the_next_goes_on(tmp_path: Path) -> None:
    write(tmp_path / "slow", f"time.sleep(0.3); {FORWARD}")
    events = tmp_path / "e"
    many = command(tmp_path / "r", "--jobs", "1", "--no-timing", "--no-verify", "--events",
                   str(events), str(tmp_path / "slow"))  # fmt: skip
    running = subprocess.Popen(many, stderr=subprocess.DEVNULL)
    until = time.monotonic() + 300
    while time.monotonic() < until:
        time.sleep(0.2)
        if events.exists() and '"phase"' in events.read_text():
            break
    children = Path(f"/proc/{running.pid}/task/{running.pid}/children").read_text().split()
    running.send_signal(signal.SIGKILL)
    running.wait()
    until = time.monotonic() + 60
    while any(Path(f"/proc/{pid}").exists() for pid in children) and time.monotonic() < until:
        time.sleep(0.2)
    assert not [pid for pid in children if Path(f"/proc/{pid}").exists()]
    assert ResultsStore(tmp_path / "r").records() == []
    done = subprocess.run(many, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    assert [r.status for r in ResultsStore(tmp_path / "r").latest()] == ["ok"]


@pytest.mark.slow
def test_two_drivers_on_one_store_measure_a_run_once(tmp_path: Path) -> None:
    write(tmp_path / "one")
    write(tmp_path / "two")
    many = command(tmp_path / "r", "--jobs", "1", "--no-timing", "--no-verify",
                   str(tmp_path / "one"), str(tmp_path / "two"))  # fmt: skip
    both = [subprocess.Popen(many, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    said = [driver.communicate(timeout=600)[1] for driver in both]
    assert [driver.returncode for driver in both] == [0, 0], said
    assert sorted(r.label for r in ResultsStore(tmp_path / "r").records()) == ["one", "two"]
