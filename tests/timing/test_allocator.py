"""What is freed stays with the process, so that no forward asks the system for pages."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from esrbench.judge.launch import load_into, open_runner
from esrbench.judge.machine import Machine
from esrbench.submission.find import find
from esrbench.timing.allocator import allocator_environment, keeps_memory

FAULTS = """
import resource

def forward():
    kept = [b"x" * (8 << 20) for _ in range(4)]

forward()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(20):
    forward()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""

glibc = pytest.mark.skipif(not allocator_environment(), reason="needs glibc's allocator")


def faults(environment: dict[str, str]) -> int:
    inherited = {k: v for k, v in os.environ.items() if k != "GLIBC_TUNABLES"}
    done = subprocess.run(
        [sys.executable, "-c", FAULTS],
        env={**inherited, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return int(done.stdout)


@glibc
def test_freed_memory_is_kept() -> None:
    # 32 MiB in pages of 4 KiB are 8,192; twenty times over, where every page is asked for again.
    assert faults(allocator_environment()) < 1_000
    assert faults({}) > 20_000


@glibc
def test_a_runner_keeps_memory_and_says_so() -> None:
    assert not keeps_memory()  # the judge was started as any program
    machine, nearest = Machine(threads=1), find("nearest")
    with open_runner(machine, nearest) as runner:
        facts = load_into(runner, nearest, None, machine)
    assert facts.torch["keeps_memory"] is True


def test_elsewhere_nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.libc_ver", lambda: ("", ""))
    assert allocator_environment() == {}
    assert not keeps_memory()
