"""A fork stands where a program would that was started: same walls, and nothing of anybody else."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from esrbench.judge.child import child_environment
from esrbench.sandbox import process, scratch, template, tree
from esrbench.sandbox.attended import Forked
from esrbench.sandbox.choose import why_not
from esrbench.sandbox.confined import Confined, Fresh, Starter
from esrbench.sandbox.place import Place
from esrbench.sandbox.sealed import sealed_interpreter
from esrbench.sandbox.sight import Sight
from esrbench.sandbox.start import Start
from esrbench.sandbox.template import Template
from esrbench.sandbox.tiers import TIERS, Tier

if sys.platform != "linux":
    pytest.skip("forks are made on Linux alone", allow_module_level=True)

STANDS = (Path(__file__).parent / "inside" / "stands.py").read_text()
Ran = Callable[..., tuple[Confined, str]]


@pytest.fixture(scope="module", params=TIERS)
def tier(request: pytest.FixtureRequest) -> Tier:
    """Each that holds on this machine."""
    if reason := why_not(request.param):
        pytest.skip(f"no {request.param} here: {reason}")
    return request.param  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def forks(tier: Tier) -> Iterator[Template]:
    """A forkserver of that tier; it need not import torch to stand."""
    made = Template((), 1, tier)
    yield made
    made.close()


@pytest.fixture
def ran(tier: Tier, tmp_path: Path) -> Iterator[Ran]:
    """``ran(starter, code, *words, sight={...})``: what was started, and what it printed."""
    begun: list[tuple[Confined, Place]] = []

    def run(starter: Starter, code: str, *words: str, **sight: Any) -> tuple[Confined, str]:
        script = tmp_path / "own" / "script.py"
        script.parent.mkdir(exist_ok=True)
        script.write_text(code)
        place = process.make_place(tier, Sight(readable=(script.parent,), **sight))
        start = Start(0, 1, (), (), tier, 1, 60, **place.rules())
        read, write = os.pipe()
        words = (str(script), start.to_json(), *words)
        started = starter(place, words, child_environment(place.home, 1), [], write)
        begun.append((started, place))
        os.close(write)
        with os.fdopen(read) as told:
            return started, told.read().replace(place.folder.name, "SCRATCH")

    yield run
    for started, place in begun:
        process.end(started)
        scratch.remove(place.folder)


def test_a_fork_stands_where_a_program_would(forks: Template, ran: Ran, tier: Tier) -> None:
    program, expected = ran(process.start, STANDS)
    fork, told = ran(forks.start, STANDS)
    assert (type(program), type(fork)) == (Fresh, Forked)
    there, here = json.loads(expected), json.loads(told)
    assert len(here.pop("cores")) == len(there.pop("cores")) == 1
    if tier == "bwrap":  # its first process leads a program, while a fork leads itself
        assert there.pop("leads") == [False, False]
        assert here.pop("leads") == [True, True]
        # A program is held to a part of the filter from its first instruction, and then to all.
        assert there["status"].pop("Seccomp_filters") == ["2"]
        assert here["status"].pop("Seccomp_filters") == ["1"]
    assert here == there
    assert here["dies_by"] == signal.SIGKILL


def test_forks_work_side_by_side(forks: Template, ran: Ran) -> None:
    """One after the other is on the next of the cores that this process has, now."""
    own = os.sched_getaffinity(0)
    where = "import os; print(*os.sched_getaffinity(0))"
    found = [int(ran(forks.start, where)[1]) for _ in range(2 * len(own))]
    assert sorted(found) == sorted([*own, *own])
    assert found[: len(own)] == found[len(own) :]
    os.sched_setaffinity(0, {max(own)})
    try:
        assert {int(ran(forks.start, where)[1]) for _ in range(2)} == {max(own)}
    finally:
        os.sched_setaffinity(0, own)


SEARCH = """
import re, sys
half, masked = b'HALF', MASKED
found = 0
with open('/proc/self/mem', 'rb', 0) as memory:
    for line in open('/proc/self/maps').readlines():
        ends, rights = line.split()[:2]
        if rights.startswith('rw'):
            low, high = (int(end, 16) for end in ends.split('-'))
            memory.seek(low)
            held = memory.read(high - low)
            for there in re.finditer(half, held):
                rest = held[there.end() : there.end() + len(masked)]
                found += bytes(byte ^ 1 for byte in rest) == masked
print(found)
"""


def test_nothing_of_another_fork_is_left_in_it(forks: Template, ran: Ran) -> None:
    """What another was told is nowhere in its memory, though the forkserver passed it on."""
    secret = "0b5e1d4cf2a14be7-93d6a0c1e8f74d52"
    half, rest = secret[:16], secret[16:].encode()
    code = SEARCH.replace("HALF", half).replace("MASKED", repr(bytes(b ^ 1 for b in rest)))
    _, own = ran(forks.start, code, secret)
    assert int(own) > 0  # what is there is found
    fork, others = ran(forks.start, code)
    assert isinstance(fork, Forked)
    assert int(others) == 0


def test_a_fork_ends_as_a_program_does(forks: Template, ran: Ran) -> None:
    for code, expected in (
        ("import sys; sys.exit(3)", 3),
        ("raise SystemExit", 0),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", -signal.SIGSEGV),
        ("1 / 0", 1),
    ):
        fork, said = ran(forks.start, code)
        assert isinstance(fork, Forked)
        assert fork.wait(60) == expected
        assert fork.poll() == expected
        assert ("ZeroDivisionError" in said) == (expected == 1)


def test_it_stays_in_its_walls_when_its_attendant_is_killed(forks: Template, ran: Ran) -> None:
    fork, _ = ran(forks.start, "import os; os.close(1); os.close(2)\nimport time; time.sleep(600)")
    attendant = int(Path(f"/proc/{fork.pid}/stat").read_text().rpartition(")")[2].split()[1])
    os.kill(attendant, signal.SIGKILL)
    assert fork.wait(60) == -signal.SIGKILL
    process.end(fork)
    assert not process.runs(fork.pid)


def test_what_a_fork_would_not_be_is_started_as_a_program(
    forks: Template, tier: Tier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def started(environment: dict[str, str], **sight: Any) -> type:
        place = process.make_place(tier, Sight(**sight))
        confined = forks.start(
            place, ["-c", "0"], {**child_environment(place.home, 1), **environment}, [], null
        )
        confined.wait(60)
        process.end(confined)
        scratch.remove(place.folder)
        return type(confined)

    with Path(os.devnull).open("wb") as file:
        null = file.fileno()
        assert started({}, compiler=True) is Fresh
        assert started({"OMP_NUM_THREADS": "2"}) is Fresh
        monkeypatch.setattr(forks, "_proved", False)
        monkeypatch.setattr(forks, "_fault", None)
        monkeypatch.setattr(template, "fault", lambda *_: "a program inside could do anything")
        bare = tier in ("limits", "none")  # which hold nothing back that could be tried
        assert started({}) is (Forked if bare else Fresh)


def test_nobody_can_write_to_its_interpreter(tmp_path: Path) -> None:
    """``/proc/self/exe`` leads out of the walls that a fork entered: to a copy that is sealed."""
    code = """
import fcntl
exe = open('/proc/self/exe', 'rb')
print(bool(fcntl.fcntl(exe, fcntl.F_GET_SEALS) & fcntl.F_SEAL_WRITE))
"""
    script = tmp_path / "script.py"
    script.write_text(code)
    with sealed_interpreter() as program:
        ended = subprocess.run(
            [sys.executable, str(script)], executable=program, capture_output=True, text=True
        )
    assert ended.stdout.strip() == "True", ended.stderr


JUDGE = """
import os, sys, time
from pathlib import Path
from esrbench.judge.child import child_environment
from esrbench.sandbox import process
from esrbench.sandbox.sealed import sealed_interpreter
from esrbench.sandbox.sight import Sight
from esrbench.sandbox.start import Start
from esrbench.sandbox.template import Template
tier, script = sys.argv[1:]
place = process.make_place(tier, Sight(readable=(Path(script),)))
start = Start(0, 1, (), (), tier, 1, 60, **place.rules())
forks = Template((), 1, tier)
words = [script, start.to_json()]
fork = forks.start(place, words, child_environment(place.home, 1), [], 1)
told = " ".join(map(str, (*fork.roots, forks._server.pid, type(fork).__name__)))
os.write(1, (told + os.linesep).encode())
time.sleep(600)
"""
INSIDE = """
import os, sys, time
from esrbench.sandbox.start import Start, confine_self
confine_self(Start.from_json(sys.argv[1]))
os.write(1, ("confined" + os.linesep).encode())  # at once: the judge writes there too
time.sleep(600)
"""


def test_all_of_them_die_with_the_judge(tier: Tier, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(INSIDE)
    judge = subprocess.Popen(
        [sys.executable, "-c", JUDGE, tier, str(script)], stdout=subprocess.PIPE, text=True
    )
    assert judge.stdout is not None
    said = sorted(judge.stdout.readline().split() for _ in range(2))
    assert ["confined"] in said
    family = tree.members(judge.pid)
    assert "Forked" in " ".join(map(" ".join, said))
    assert {int(word) for words in said for word in words if word.isdigit()} < set(family)
    judge.kill()
    judge.wait()
    while any(process.runs(pid) for pid in family):  # for ever, where one stays behind
        time.sleep(0.01)


BORROWER = """
import os, sys, time
from pathlib import Path
from esrbench.judge.child import child_environment
from esrbench.sandbox import process
from esrbench.sandbox.sight import Sight
from esrbench.sandbox.start import Start
from esrbench.sandbox.template import Loan, Template
tier, script, control = sys.argv[1:]
place = process.make_place(tier, Sight(readable=(Path(script),)))
environment = child_environment(place.home, 1)
common = {k: v for k, v in environment.items() if k not in ("HOME", "TMPDIR")}
start = Start(0, 1, (), (), tier, 1, 60, **place.rules())
forks = Template.borrowed(Loan(int(control), common), 1, tier)
fork = forks.fork(place, [script, start.to_json()], environment, [], 1)
os.write(1, (str(fork.pid) + os.linesep).encode())
time.sleep(600)
"""


def test_what_was_forked_for_another_process_dies_with_that(tier: Tier, tmp_path: Path) -> None:
    """... and no other fork does, nor what it was forked from."""
    script = tmp_path / "script.py"
    script.write_text(INSIDE)
    with closing(Template((), 1, tier)) as made:
        loan = made.lend(child_environment("", 1))
        assert loan is not None

        def borrow() -> tuple[subprocess.Popen[str], int]:
            borrower = subprocess.Popen(
                [sys.executable, "-c", BORROWER, tier, str(script), str(loan.control)],
                stdout=subprocess.PIPE, text=True, pass_fds=[loan.control],
            )  # fmt: skip
            assert borrower.stdout is not None
            said = sorted(borrower.stdout.readline().strip() for _ in range(2))
            assert said[1] == "confined"
            return borrower, int(said[0])

        (first, fork), (second, other) = borrow(), borrow()
        first.kill()
        first.wait()
        while process.runs(fork):  # for ever, where it stays behind
            time.sleep(0.01)
        assert process.runs(other)
        second.kill()
        second.wait()
        while process.runs(other):
            time.sleep(0.01)


def test_one_that_is_lent_imports_when_it_is_needed(ran: Ran, tier: Tier) -> None:
    with closing(Template(("torch",), 1, tier)) as made:
        assert made.lend(child_environment("", 1)) is not None
        assert made._server is not None
        maps = Path(f"/proc/{made._server.pid}/maps")
        assert "libtorch" not in maps.read_text()
        fork, told = ran(made.start, "import sys; print('torch' in sys.modules)")
        assert isinstance(fork, Forked)
        assert told.strip() == "True"
        assert "libtorch" in maps.read_text()


def test_what_is_forked_from_sleeps_meanwhile(forks: Template, ran: Ran) -> None:
    """Nothing of it runs beside what is timed."""
    ran(forks.start, "print(1)")
    assert forks._server is not None
    server = forks._server.pid
    while Path(f"/proc/{server}/stat").read_text().rpartition(")")[2].split()[0] != "S":
        time.sleep(0.001)
    switches = _switches(server)
    time.sleep(0.1)
    assert _switches(server) == switches


def _switches(pid: int) -> list[str]:
    """How often it was given a core, or left it."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return [line for line in lines if "ctxt_switches" in line]


def test_nothing_stays_behind(tier: Tier, ran: Ran) -> None:
    before, descriptors = tree.members(os.getpid()), _descriptors()
    made = Template((), 1, tier)
    fork, _ = ran(made.start, "print(1)")
    assert isinstance(fork, Forked)
    process.end(fork)
    made.close()
    left = [pid for pid in set(tree.members(os.getpid())) - set(before) if process.runs(pid)]
    assert left == []
    assert _descriptors() == descriptors


def _descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))
