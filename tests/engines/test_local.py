"""Workers: the records of one process, whatever happens to a worker or to the command."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from esrbench.data.catalogue import load_catalogue
from esrbench.engines import workers
from esrbench.engines.local import LocalEngine
from esrbench.engines.plan import plan
from esrbench.engines.run import run_with
from esrbench.errors import UnavailableError
from esrbench.judge.bench import Bench
from esrbench.judge.machine import Machine
from esrbench.judge.options import Options
from esrbench.protocol.load import load_protocol
from esrbench.results.store import ResultsStore
from esrbench.sandbox.confined import Confined
from esrbench.sandbox.place import Place
from esrbench.sandbox.template import Template

pytestmark = pytest.mark.slow

FORWARD = "return F.interpolate(x, scale_factor=4, mode='bilinear')"


def write(folder: Path, forward: str = FORWARD, top: str = "") -> None:
    """A small submission in ``folder``, of its name."""
    folder.mkdir(parents=True)
    (folder / "submission.yaml").write_text(f"name: {folder.name}\nscale: 4\n")
    (folder / "model.py").write_text(
        f"import os, signal, time, torch\nimport torch.nn.functional as F\n{top}\n"
        f"class Net(torch.nn.Module):\n    def forward(self, x):\n        {forward}\n"
        "def build():\n    return Net()\n"
    )


def command(folder: Path, *more: str) -> list[str]:
    """``esrbench score`` on skimage8, one thread a runner."""
    fixed = ["--offline", "--threads", "1", "-d", "skimage8", "--max-seconds", "0.3"]
    results = ["--shape", "24x32", "--results", str(folder)]
    return [sys.executable, "-m", "esrbench", "score", *fixed, *results, *more]


def what_may_not_differ(record: Any) -> dict[str, Any]:
    """All but times, what follows from when and how the command was called, and the images that
    the judge draws anew each time."""
    data = record.model_dump(mode="json")
    for key in ("id", "created", "command", "seal", "environment", "runtime_ms", "memory",
                "generalisation", "runtime_by_shape", "timing_blocks", "memory_by_shape",
                "pictures"):  # fmt: skip
        data.pop(key)
    data["flags"] = [f for f in data["flags"] if f not in {"few-blocks", "wide-interval"}]
    for images in data["images"].values():
        for image in images:
            image.pop("forward_ms")
    (data["complexity"] or {"facts": {}})["facts"] = None
    return data


def test_records_are_those_of_one_process_and_are_not_measured_again(tmp_path: Path) -> None:
    names = [str(tmp_path / name) for name in ("one", "two", "broken")]
    write(tmp_path / "one")
    write(tmp_path / "two", "return F.interpolate(x, scale_factor=4, mode='bicubic')")
    write(tmp_path / "broken", "raise RuntimeError('no')")
    alone = subprocess.run(command(tmp_path / "r1", *names), capture_output=True, timeout=600)
    many = command(tmp_path / "r2", "--jobs", "2", "--events", str(tmp_path / "e"), *names)
    side_by_side = subprocess.run(many, capture_output=True, timeout=600)
    assert (alone.returncode, side_by_side.returncode) == (1, 1), side_by_side.stderr
    expected = {r.label: what_may_not_differ(r) for r in ResultsStore(tmp_path / "r1").latest()}
    found = {r.label: what_may_not_differ(r) for r in ResultsStore(tmp_path / "r2").latest()}
    assert found == expected
    assert set(found) == {"one", "two", "broken"}
    events = [json.loads(line) for line in (tmp_path / "e").read_text().splitlines()]
    assert sum(event["event"] == "done" for event in events) == 3
    again = subprocess.run(many, capture_output=True, timeout=600, text=True)
    assert again.stderr.count("measured already") == 2
    assert again.stderr.count("rejected already") == 1
    assert len(ResultsStore(tmp_path / "r2").records()) == 3


def test_nothing_is_imported_from_the_working_directory(tmp_path: Path) -> None:
    write(tmp_path / "one")
    for name in ("torch", "numba", "json"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('imported from here')")
    script = Path(sys.executable).with_name("esrbench")
    words = command(Path("r"), "--jobs", "2", "--no-timing", "one", "one")[3:]
    run = subprocess.run(
        [script, *words], capture_output=True, text=True, timeout=600, cwd=tmp_path
    )
    assert run.returncode == 0, run.stderr
    assert [r.status for r in ResultsStore(tmp_path / "r").latest()] == ["ok"]


def test_a_stopped_command_goes_on_where_it_was(tmp_path: Path) -> None:
    write(tmp_path / "quick")
    write(tmp_path / "slow", f"time.sleep(0.2); {FORWARD}")
    names = [str(tmp_path / "quick"), str(tmp_path / "slow")]
    many = command(tmp_path / "r", "--jobs", "1", "--events", str(tmp_path / "e"), *names)
    running = subprocess.Popen(many, stderr=subprocess.PIPE, text=True)
    parts = tmp_path / "r" / ".parts"
    until = time.monotonic() + 300
    while not (parts.is_dir() and list(parts.glob("*.json"))) and time.monotonic() < until:
        time.sleep(0.2)
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=300)
    assert running.returncode == 4, said
    assert "Left open:" in said
    done = subprocess.run(many, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    events = [json.loads(line) for line in (tmp_path / "e").read_text().splitlines()]
    counted = [e for e in events if e["event"] == "phase" and e["text"] == "quick: counting"]
    assert len(counted) == 1  # its first half was kept
    assert {r.submission for r in ResultsStore(tmp_path / "r").latest()} == {"quick", "slow"}
    assert not parts.exists()


def test_a_worker_that_is_killed_costs_no_row(tmp_path: Path) -> None:
    write(tmp_path / "slow", f"time.sleep(0.3); {FORWARD}")
    many = command(tmp_path / "r", "--jobs", "1", "--no-timing", "--events", str(tmp_path / "e"),
                   str(tmp_path / "slow"))  # fmt: skip
    running = subprocess.Popen(many, stderr=subprocess.PIPE, text=True)
    until = time.monotonic() + 300
    while time.monotonic() < until:
        time.sleep(0.2)
        text = (tmp_path / "e").read_text() if (tmp_path / "e").exists() else ""
        if '"phase"' in text:
            break
    ready = next(e for e in map(json.loads, text.splitlines()) if e["event"] == "ready")
    os.kill(ready["pid"], signal.SIGKILL)
    _, said = running.communicate(timeout=600)
    assert running.returncode == 0, said
    assert "took its worker down" in said
    assert [r.status for r in ResultsStore(tmp_path / "r").latest()] == ["ok"]


def test_few_descriptors_are_enough(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write(tmp_path / name)
    names = [str(tmp_path / name) for name in ("one", "two")]
    many = command(tmp_path / "r", "--jobs", "2", "--no-timing", *names)
    few = ["sh", "-c", 'ulimit -n 64; exec "$@"', "sh", *many]
    done = subprocess.run(few, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr


def test_workers_that_cannot_be_forked_are_programs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that dies before it begins is started once more, as a program; then that is said."""
    write(tmp_path / "one")
    folder, jobs = tmp_path / "r", plan([str(tmp_path / "one")]).jobs
    quick = load_protocol("quick").model_copy(update={"datasets": ("skimage8",)})
    options = Options(
        protocol=quick, catalogue=load_catalogue(), machine=Machine(threads=1), results=folder,
        timing=False, pictures=("none",),
    )  # fmt: skip
    forked: list[Confined] = []
    fork = Template.fork

    def dying(self: Template, place: Place, words: list[str], *more: Any) -> Confined:
        if "esrbench.engines.worker" in words:
            forked.append(fork(self, place, ["-m", "esrbench.no_such_module"], *more))
            return forked[-1]
        return fork(self, place, words, *more)

    monkeypatch.setattr(Template, "fork", dying)
    with Bench(options) as bench:
        ran = run_with(partial(LocalEngine, workers=1), jobs, bench)
    assert len(forked) == 1
    assert [record.status for record in ran.records] == ["ok"]
    monkeypatch.setattr(workers, "own_program", lambda *words: [sys.executable, "-c", "1 / 0"])
    with Bench(replace(options, again=True)) as bench, pytest.raises(UnavailableError) as why:
        run_with(partial(LocalEngine, workers=1), jobs, bench)
    assert str(why.value) == "A worker ended with exit code 1 before it could begin."
