"""A fork computes on all its threads: what it was forked from has computed nothing."""

from __future__ import annotations

import subprocess
import sys

from esrbench.runner.preload import EXPORTING

FORKED = """
import importlib, os, sys
os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])
for name in sys.argv[1:]:
    importlib.import_module(name)
import torch
torch.set_num_threads(2)
child = os.fork()
if child == 0:
    print(int(torch.full((1 << 20,), 1.0).mul(2).sum()), flush=True)
    os._exit(0)
os.waitpid(child, 0)
"""


def test_a_fork_shares_work_out_among_threads() -> None:
    """Had its parent done so, the fork would wait for ever for threads that it does not have."""
    words = [sys.executable, "-W", "ignore", "-c", FORKED, *EXPORTING]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120)
    assert done.stdout.strip() == str(2 << 20), done.stderr


GUARDED = """
import torch
from esrbench.sandbox import forkserver
print(forkserver.forks_compute(2), flush=True)
torch.set_num_threads(2)
torch.full((1 << 20,), 1.0).mul(2).sum()
forkserver.COMPUTES_WITHIN = 2.0
print(forkserver.forks_compute(2), flush=True)
"""


def test_what_has_computed_serves_no_forks() -> None:
    words = [sys.executable, "-W", "ignore", "-c", GUARDED]
    done = subprocess.run(words, capture_output=True, text=True, timeout=300)
    assert done.stdout.split() == ["True", "False"], done.stderr
