"""Killed at any moment and started again, a run ends on the same file, byte for byte."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from training.journal import read_journal

ROOT = Path(__file__).parents[2]
EPOCHS = 50


def _start(recipe: Path, train_dir: Path, out: Path) -> subprocess.Popen[str]:
    """A trainer in a process of its own, saving after every iteration."""
    code = (
        "import sys; from training import loop, train; loop.SAVE_SECONDS = 0.0; "
        "sys.exit(train.main())"
    )
    options = ["--train-dir", train_dir, "--epochs", EPOCHS, "--out", out, "--device", "cpu"]
    return subprocess.Popen(
        [sys.executable, "-c", code, str(recipe), "--threads", "1", *map(str, options)],
        cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def _finished(recipe: Path, train_dir: Path, out: Path) -> bytes:
    trainer = _start(recipe, train_dir, out)
    _, errors = trainer.communicate()
    assert trainer.returncode == 0, errors
    return (out / "weights.safetensors").read_bytes()


def _wait_for_iterations(trainer: subprocess.Popen[str], out: Path, more: int) -> None:
    """Until the run has gone on for about ``more`` iterations: by its log, a line every four."""
    log = out / "log.jsonl"
    lines = log.read_bytes().count(b"\n") if log.is_file() else 0
    while trainer.poll() is None:
        now = log.read_bytes().count(b"\n") if log.is_file() else 0
        if 4 * (now - lines) >= more:
            return
        time.sleep(0.001)


@pytest.mark.slow
def test_killed_interrupted_and_terminated(
    recipe_file: Path, train_dir: Path, tmp_path: Path
) -> None:
    whole = _finished(recipe_file, train_dir, tmp_path / "whole")
    parts = tmp_path / "parts"
    for kill in (signal.SIGKILL, signal.SIGINT, signal.SIGTERM):
        trainer = _start(recipe_file, train_dir, parts)
        _wait_for_iterations(trainer, parts, 12)
        trainer.send_signal(kill)
        _, errors = trainer.communicate()
        assert trainer.returncode == (-kill if kill == signal.SIGKILL else 130)
        assert ("the same command goes on from here" in errors) == (kill != signal.SIGKILL)
        assert not (parts / "weights.safetensors").exists()
    assert _finished(recipe_file, train_dir, parts) == whole


@pytest.mark.slow
def test_many_times(recipe_file: Path, train_dir: Path, tmp_path: Path) -> None:
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    expected = _finished(recipe_file, train_dir, whole)
    moments = random.Random(0)
    for _ in range(12):
        trainer = _start(recipe_file, train_dir, parts)
        _wait_for_iterations(trainer, parts, moments.randrange(4, 16))
        time.sleep(moments.uniform(0, 0.02))  # in the midst of an iteration, or of a save
        trainer.kill()
        trainer.communicate()
    assert _finished(recipe_file, train_dir, parts) == expected
    losses = [[e.loss for e in read_journal(out / "log.jsonl")] for out in (whole, parts)]
    assert losses[0] == losses[1]
    assert len(losses[0]) == EPOCHS
