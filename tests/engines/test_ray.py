"""A Ray cluster of two nodes on this machine: the records of one process, whatever is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from esrbench.results.store import ResultsStore
from tests.engines.test_local import FORWARD, command, what_may_not_differ, write

pytestmark = pytest.mark.slow
cluster_utils = pytest.importorskip("ray.cluster_utils", reason="ray is not installed")


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Two nodes of one CPU each; stopped here, and no other Ray with them."""
    monkeypatch.setenv("RAY_worker_niceness", "0")
    made = cluster_utils.Cluster(
        initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False}
    )
    made.add_node(num_cpus=1)
    yield made
    made.shutdown()


def on(cluster: Any, results: Path, *more: str) -> list[str]:
    address = ["--engine", "ray", "--address", cluster.address, "--wait-for-nodes", "5"]
    return command(results, *address, *more)


def measured(root: Path) -> dict[str, Any]:
    return {r.label: what_may_not_differ(r) for r in ResultsStore(root).latest()}


def slots() -> list[int]:
    """Ray's workers that have our actor, of whichever cluster: pids."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                line = (folder / "cmdline").read_bytes()
            except OSError:
                continue
            if line.startswith(b"ray::Slot.do"):
                found.append(int(folder.name))
    return found


def wait_for(what: Callable[[], Any], seconds: float = 300.0) -> Any:
    until = time.monotonic() + seconds
    while not (found := what()) and time.monotonic() < until:
        time.sleep(0.3)
    assert found, "it did not come to that"
    return found


def test_records_are_those_of_one_process(tmp_path: Path, cluster: Any) -> None:
    names = [str(tmp_path / name) for name in ("one", "two", "broken")]
    write(tmp_path / "one")
    write(tmp_path / "two", "return F.interpolate(x, scale_factor=4, mode='bicubic')")
    write(tmp_path / "broken", "raise RuntimeError('no')")
    alone = subprocess.run(command(tmp_path / "r1", *names), capture_output=True, timeout=900)
    spread = subprocess.run(
        on(cluster, tmp_path / "r2", *names), capture_output=True, text=True, timeout=900
    )
    assert (alone.returncode, spread.returncode) == (1, 1), spread.stderr
    assert measured(tmp_path / "r2") == measured(tmp_path / "r1")
    pictures = {p.relative_to(tmp_path / "r1") for p in (tmp_path / "r1").rglob("*.png")}
    assert len(pictures) == len(list((tmp_path / "r2").rglob("*.png")))
    again = subprocess.run(
        on(cluster, tmp_path / "r2", *names), capture_output=True, text=True, timeout=900
    )
    assert again.stderr.count("already") == 3, again.stderr


@pytest.mark.parametrize("what", ["worker", "node"])
def test_what_is_lost_costs_no_row(tmp_path: Path, cluster: Any, what: str) -> None:
    write(tmp_path / "slow", f"time.sleep(0.2); {FORWARD}")
    write(tmp_path / "other", f"time.sleep(0.2); {FORWARD}")
    names = ["--no-timing", "--no-verify", str(tmp_path / "slow"), str(tmp_path / "other")]
    running = subprocess.Popen(
        on(cluster, tmp_path / "r", *names), stderr=subprocess.PIPE, text=True
    )
    at_work = wait_for(lambda: found if len(found := slots()) == 2 else None)
    time.sleep(3)
    if what == "worker":
        os.kill(at_work[0], signal.SIGKILL)
    else:
        cluster.remove_node(next(iter(cluster.worker_nodes)), allow_graceful=False)
    _, said = running.communicate(timeout=900)
    assert running.returncode == 0, said
    alone = subprocess.run(command(tmp_path / "r1", *names), capture_output=True, timeout=900)
    assert alone.returncode == 0
    assert measured(tmp_path / "r") == measured(tmp_path / "r1")


def test_what_no_node_can_do_is_left_open(tmp_path: Path, cluster: Any) -> None:
    write(tmp_path / "one")
    asked = on(cluster, tmp_path / "r", "--no-timing", str(tmp_path / "one"))
    asked[asked.index("--threads") + 1] = "2"
    done = subprocess.run(asked, capture_output=True, text=True, timeout=600)
    assert done.returncode == 4, done.stderr
    assert "No node with a free 2 CPUs is in the cluster; waiting 5 s" in done.stderr
    assert "Left open: one" in done.stderr
