"""Processes of esrbench's own import nothing from the folder that a command is given in."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

import esrbench
from esrbench.own_program import own_program


def test_a_module_is_run_with_its_words(tmp_path: Path) -> None:
    said = subprocess.run(
        own_program("esrbench", "--version"), capture_output=True, text=True, cwd=tmp_path
    )
    assert said.returncode == 0, said.stderr
    assert said.stdout.strip() == esrbench.__version__


@pytest.mark.parametrize("module", ["submission.formats.networks", "engines.worker", "judge.score"])
def test_nothing_is_imported_from_the_working_directory(module: str, tmp_path: Path) -> None:
    for name in ("torch", "json", "numpy", "runpy", "pydantic", "esrbench"):
        (tmp_path / f"{name}.py").write_text("print('imported from here', flush=True)")
    command = own_program(f"esrbench.{module}", "states")
    said = subprocess.run(command, input="{}", capture_output=True, text=True, cwd=tmp_path)
    assert "imported from here" not in said.stdout
