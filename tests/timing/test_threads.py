"""Cores and threads; the topology is written into a folder, as Linux shows it."""

import os
import subprocess
import sys

import pytest

from esrbench.timing.threads import pick_cores, thread_count, thread_environment, usable_cores


@pytest.fixture
def topology(tmp_path):
    """Four cores of two threads: 0 and 4 are one core, 1 and 5, ..."""
    for cpu in range(8):
        folder = tmp_path / f"cpu{cpu}" / "topology"
        folder.mkdir(parents=True)
        (folder / "thread_siblings_list").write_text(f"{cpu % 4},{cpu % 4 + 4}\n")
    return tmp_path


@pytest.mark.parametrize(
    ("cores", "count", "picked"),
    [
        ([0, 1, 2, 3, 4, 5, 6, 7], 4, [0, 1, 2, 3]),
        ([0, 4, 1, 5], 2, [0, 1]),
        ([0, 4, 1, 5], 3, [0, 1, 4]),
        ([2, 6], 1, [2]),
    ],
)
def test_whole_cores_come_first(topology, cores, count, picked):
    assert pick_cores(cores, count, topology) == picked


def test_unknown_topology_takes_cores_in_order(tmp_path):
    assert pick_cores([3, 5, 7], 2, tmp_path) == [3, 5]


def test_zero_takes_all_usable():
    assert thread_count(0) == len(usable_cores())
    assert thread_count(3) == 3
    assert thread_environment(3)["OMP_NUM_THREADS"] == "3"


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="the system cannot bind threads")
def test_set_threads_binds_and_sets():
    code = (
        "import os, torch; from esrbench.timing.threads import set_threads; s = set_threads(1);"
        "bound = sorted(os.sched_getaffinity(0)) == list(s.cores);"
        "print(s.threads, torch.get_num_threads(), bound, len(s.cores))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["1", "1", "True", "1"]
