"""``benchmarks.cuda``: its table holds together, and a part's outcome is written as it was."""

from __future__ import annotations

import importlib
import json
from pathlib import Path

import pytest

from benchmarks.cuda import runtimes_part
from benchmarks.cuda.needed import assumed, granted, lacking
from benchmarks.cuda.parts import MOST_SECONDS, PARTS
from benchmarks.cuda.setting import Outcome, Setting, write
from benchmarks.cuda.there import absent, main

MACHINE = Path(runtimes_part.__file__).with_name("machine.txt")


def test_all_parts_fit_into_eight_minutes() -> None:
    assert sum(part.seconds for part in PARTS) <= MOST_SECONDS < 8 * 60
    assert all(part.least < part.seconds for part in PARTS)


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.name)
def test_a_part_can_be_measured(part) -> None:
    module = importlib.import_module(f"benchmarks.cuda.{part.module}")
    assert callable(module.measure)


def test_an_outcome_is_written_whole(tmp_path: Path) -> None:
    rows = [{"system": "a", "ms": 1.23456}, {"system": "b", "ms": None}]
    outcome = Outcome(False, "1 of 2", rows, skipped=["c: the time is up"])
    write(outcome, "memory", Setting("cuda:0", tmp_path, seconds=5), 1.5)
    found = json.loads((tmp_path / "memory.json").read_text())
    assert (found["passed"], found["figure"], found["rows"]) == (False, "1 of 2", rows)
    page = (tmp_path / "memory.md").read_text()
    assert "FAIL: 1 of 2" in page
    assert "| a | 1.235 |" in page
    assert "| b |  |" in page
    assert "Left out: c: the time is up" in page


def test_a_choice_is_worth_its_median_ratio_to_the_plain_block() -> None:
    def row(system: str, policy: str, ms: float) -> dict[str, object]:
        return {"system": system, "track": "fp32", "policy": policy, "shape": "8x8", "ms": ms}

    rows = [row("a", "block", 2), row("a", "graph", 1), row("b", "block", 10), row("b", "graph", 8)]
    assert runtimes_part._against_blocks(rows, "policy", "graph") == pytest.approx(0.65)


def test_what_a_machine_lacks_is_what_its_list_lacks() -> None:
    has = assumed(MACHINE)
    found = lacking(has)
    assert {"fvcore", "lpips", "plotly", "pooch", "pydantic", "pydantic-core"} <= set(found)
    assert not has & set(found)
    assert set(lacking(has | set(found))) == set()
    assert "pooch" not in lacking(has | {"pooch"})


def test_what_a_machine_is_taken_to_have_is_asked_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    taken = granted(assumed(MACHINE))
    assert {"torch", "torchvision", "numpy", "scipy", "pyyaml"} <= set(taken)
    assert "networkx" not in taken  # torch's own affair
    path = tmp_path / "taken.txt"
    path.write_text("numpy\nnobody-has-this-package\n")
    assert absent(path) == ["nobody-has-this-package"]
    monkeypatch.setattr("sys.argv", ["there", str(path)])
    assert main() == 2
    assert "lacks nobody-has-this-package, which" in capsys.readouterr().err
    path.write_text("numpy\n")
    assert main() == 0
