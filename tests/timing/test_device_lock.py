"""Two that time on one device wait for each other, and say for whom."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from esrbench.timing.device_lock import device_keys, device_lock


def test_the_second_waits_and_names_the_first(tmp_path: Path) -> None:
    said: list[str] = []
    order: list[str] = []
    inside = threading.Event()

    def second() -> None:
        with device_lock(["core-0"], "second", said.append, tmp_path):
            order.append("second")

    waiting = threading.Thread(target=second)
    with device_lock(["core-1", "core-0"], "esrbench score, span", said.append, tmp_path):
        waiting.start()
        inside.wait(0.5)
        order.append("first")
    waiting.join(10)
    assert order == ["first", "second"]
    expected = f"Waiting for core 0, where process {os.getpid()} (esrbench score, span) is timing."
    assert said == [expected]


def test_other_devices_do_not_wait(tmp_path: Path) -> None:
    said: list[str] = []
    core, gpu = ["core-0"], ["GPU-1234"]
    with device_lock(core, "one", said.append, tmp_path), device_lock(gpu, "two", said.append):
        pass
    assert said == []


def test_a_holder_that_died_holds_nothing(tmp_path: Path) -> None:
    (tmp_path / "core-0.lock").write_text("process 1 (long gone)")
    said: list[str] = []
    with device_lock(["core-0"], "next", said.append, tmp_path):
        assert "next" in (tmp_path / "core-0.lock").read_text()
    assert said == []


def test_without_a_place_for_locks_nobody_waits(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with device_lock(["core-0"], "who", pytest.fail, tmp_path / "file" / "locks"):
        pass


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("kept")
    (tmp_path / "core-0.lock").symlink_to(tmp_path / "precious")
    with device_lock(["core-0"], "who", pytest.fail, tmp_path):
        pass
    assert (tmp_path / "precious").read_text() == "kept"


def test_the_cores_that_are_bound() -> None:
    cores = sorted(os.sched_getaffinity(0))
    assert len(device_keys("cpu", 1)) == 1
    assert device_keys("cpu", 0) == [f"core-{core}" for core in cores]
    assert len(device_keys("cpu", len(cores) + 3)) == len(cores)
    assert len(device_keys("cuda:0", 1)) == 1
