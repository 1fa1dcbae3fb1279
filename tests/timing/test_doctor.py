"""Findings from given facts, and the machine at hand for shape only."""

import itertools
import json
import subprocess
import sys

import pytest

from esrbench.timing import doctor
from esrbench.timing.environment import device_name, environment
from esrbench.timing.noise import Noise, judge_times, measure_noise

from .fakes import FakeTime


@pytest.mark.parametrize(
    ("load", "cores", "level"), [(0.1, 2, "ok"), (0.6, 2, "warn"), (2.0, 2, "bad"), (2.0, 64, "ok")]
)
def test_load(load, cores, level):
    assert doctor.judge_load(load, cores).level == level


@pytest.mark.parametrize(
    ("name", "level"), [(None, "ok"), ("performance", "ok"), ("powersave", "warn")]
)
def test_governor(name, level):
    assert doctor.judge_governor(name).level == level


@pytest.mark.parametrize(
    ("variables", "asked", "levels"),
    [
        ({}, 0, []),
        ({"OMP_NUM_THREADS": "1"}, 0, []),
        ({"OMP_NUM_THREADS": "64"}, 1, ["warn"]),
        ({"MKL_NUM_THREADS": "8"}, 4096, ["bad", "warn"]),
        ({"OMP_NUM_THREADS": "many"}, 0, []),
    ],
)
def test_threads(variables, asked, levels):
    cores = 4 if asked else len(doctor.usable_cores())
    assert [f.level for f in doctor.judge_threads(variables, asked, cores)] == levels


@pytest.mark.parametrize(
    ("quota", "cores", "warns"), [(None, 2, False), (2.0, 2, False), (1.5, 2, True)]
)
def test_quota(quota, cores, warns):
    assert (doctor.judge_quota(quota, cores) is not None) is warns


@pytest.mark.parametrize(("share", "level"), [(0.01, "ok"), (0.1, "warn"), (0.4, "bad")])
def test_noise_levels(share, level):
    assert doctor.judge_noise(Noise(1000, share, 0.0, 0.3, 0.0), 2).level == level


def test_noise_figures():
    # 90 quiet pieces, 10 of twice the time; running 80% of the wall time.
    noise = judge_times([1.0] * 90 + [2.0] * 10, 0.8)
    assert (noise.slow_share, noise.median_excess, noise.waited_share) == pytest.approx(
        (0.1, 0.0, 0.2)
    )
    assert noise.p95_excess == pytest.approx(1.0)


def test_noise_repeats_equal_work_for_the_time_given():
    time = FakeTime()
    asked = []

    def work(rounds):
        asked.append(rounds)
        time.pass_ms(rounds / 450)

    noise = measure_noise(1.0, now=time, cpu=time, work=work)
    assert asked[-noise.pieces :] == [1024] * noise.pieces  # 2.28 ms a piece
    assert noise.pieces == pytest.approx(440, abs=1)
    assert noise.slow_share == 0


def test_a_piece_is_done_when_its_last_thread_is():
    """One of three threads waits at every tenth piece: a timing on three threads would too."""
    pieces, told, clock = itertools.count(), [], [0.0]

    def work(rounds):
        told.append(0.022 if next(pieces) % 30 == 29 else 0.002)

    def now():  # a piece takes as long as the slowest of its threads says
        clock[0] += max(told, default=0.0)
        told.clear()
        return clock[0]

    alone, together = (
        measure_noise(0.5, threads=n, now=now, cpu=lambda: 0.0, work=work) for n in (1, 3)
    )
    assert together.slow_share > 2 * alone.slow_share > 0


def test_every_finding_that_is_not_ok_has_a_cure():
    for finding in doctor.examine(seconds=0.05):
        assert finding.sentence.endswith(".")
        assert finding.level == "ok" or finding.cure


def test_torch_build_is_read_without_importing_torch():
    code = (
        "import sys; from esrbench.timing import doctor, environment, schedule, compare;"
        "assert doctor.torch_build().level == 'ok', doctor.torch_build();"
        "environment.environment(); assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_environment_is_json_and_names_the_device():
    found = environment("cpu", threads=1)
    assert json.loads(json.dumps(found)) == found
    assert found["device"] == device_name("cpu", 1)
    assert found["device"].startswith("cpu:")
    assert found["device"].endswith("(1 thread)")
    assert found["versions"]["torch"]


def test_environment_shows_no_paths(monkeypatch):
    monkeypatch.setenv("LD_PRELOAD", "/home/someone/lib/libjemalloc.so")
    assert environment()["variables"]["LD_PRELOAD"] == "libjemalloc.so"
