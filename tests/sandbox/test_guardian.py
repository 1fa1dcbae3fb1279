"""Nothing that a runner started outlives the judge, however that ends."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from esrbench.sandbox import guardian
from esrbench.sandbox.choose import why_not
from esrbench.sandbox.process import runs

RUNNER = """
import os, sys, time
from esrbench.sandbox.start import Start, confine_self
confine_self(Start.from_json(sys.argv[1]))
if os.fork() == 0:
    try:
        os.setsid()
    except OSError:
        pass
print("up", flush=True)
time.sleep(600)
"""
JUDGE = """
import os, sys, time
from pathlib import Path
from esrbench.judge.child import child_environment
from esrbench.sandbox import process, tree
from esrbench.sandbox.sight import Sight
from esrbench.sandbox.start import Start
from esrbench.sandbox.template import Template
tier, forked, runner = sys.argv[1], sys.argv[2] == "fork", Path(sys.argv[3])
place = process.make_place(tier, Sight(readable=(runner.parent,)))
start = Start(0, 1, (), (), tier, 1, 60, **place.rules())
read, write = os.pipe()
starter = Template((), 1, tier).start if forked else process.start
held = starter(place, [str(runner), start.to_json()], child_environment(place.home, 1), [], write)
told = b""
while told.count(b"up") < 2:
    told += os.read(read, 100)
print(*tree.members(os.getpid()), flush=True)
time.sleep(600)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.quick_cases(2)
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM], ids=lambda s: s.name)
@pytest.mark.parametrize("how", ["program", "fork"])
@pytest.mark.parametrize("tier", ["landlock", "bwrap"])
def test_children_of_a_runner_end_with_the_judge(tier, how, number, tmp_path: Path) -> None:
    if why_not(tier):
        pytest.skip(f"no {tier} here: {why_not(tier)}")
    (tmp_path / "own").mkdir()
    runner = tmp_path / "own/runner.py"
    runner.write_text(RUNNER)
    judge = subprocess.Popen(
        [sys.executable, "-c", JUDGE, tier, how, str(runner)],
        stdout=subprocess.PIPE, text=True, env={**os.environ, "TMPDIR": str(tmp_path)},
    )  # fmt: skip
    assert judge.stdout is not None
    family = [int(pid) for pid in judge.stdout.readline().split()]
    assert len(family) > 3
    judge.send_signal(number)
    judge.wait(20)
    assert left_of(family) == []


def left_of(family: list[int]) -> list[int]:
    """Who is still there after two seconds; they are ended, so that the machine is as it was."""
    until = time.monotonic() + 2.0
    while (left := [pid for pid in family if runs(pid)]) and time.monotonic() < until:
        time.sleep(0.02)
    for pid in left:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return left


def test_a_group_that_is_forgotten_is_left_alone() -> None:
    """And one that is watched goes when the process is killed; a lost reader is replaced."""
    code = """
import os, signal, sys
from esrbench.sandbox import guardian
first, second, third = map(int, sys.argv[1:])
guardian.watch(first)
reader = guardian._guardian()._reader
reader.kill(); reader.wait()
guardian.watch(second); guardian.watch(third); guardian.forget(second)
os.kill(os.getpid(), signal.SIGKILL)
"""
    sleeping = [subprocess.Popen(["sleep", "600"], start_new_session=True) for _ in range(3)]
    try:
        groups = [str(one.pid) for one in sleeping]
        done = subprocess.run([sys.executable, "-c", code, *groups], timeout=60)
        assert done.returncode == -signal.SIGKILL
        assert sleeping[0].wait(5) == sleeping[2].wait(5) == -signal.SIGKILL
        assert sleeping[1].poll() is None
    finally:
        for one in sleeping:
            one.kill()
            one.wait()


def test_this_process_has_one_reader_for_all() -> None:
    sleeping = [subprocess.Popen(["sleep", "600"], start_new_session=True) for _ in range(2)]
    readers = set()
    for one in sleeping:
        guardian.watch(one.pid)
        readers.add(guardian._guardian()._reader)
    for one in sleeping:
        guardian.forget(one.pid)
        one.kill()
        one.wait()
    assert len(readers) == 1
