"""What is said of a submission does not depend on how its runners were started."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from esrbench.data.catalogue import load_catalogue
from esrbench.judge.bench import Bench
from esrbench.judge.machine import Machine
from esrbench.judge.options import Options
from esrbench.judge.score import score
from esrbench.sandbox import process
from esrbench.sandbox.template import Template
from esrbench.submission.find import find
from tests.judge.test_score import SMALL

OF_THE_RUN = {"id", "created", "seal", "environment", "pictures", "generalisation"}
"""Times, names, and what is drawn anew in every run."""
MODEL = """import torch
from torch import nn

def build():
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(3, 48, 3, padding=1), nn.PixelShuffle(4), nn.Hardtanh(0, 1))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="forks are made on Linux alone")
@pytest.mark.quick_cases(1)
@pytest.mark.parametrize(("verify", "threads"), [(False, 2), (True, 1), (True, 2)])
def test_a_record_is_the_same_of_forks_and_of_programs(
    verify: bool, threads: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "plain"
    folder.mkdir()
    (folder / "submission.yaml").write_text("name: plain\nscale: 4\n")
    (folder / "model.py").write_text(MODEL)
    options = Options(
        protocol=SMALL, catalogue=load_catalogue(), machine=Machine(threads=threads),
        results=tmp_path / "forks", offline=True, timing=False, verify=verify,
    )  # fmt: skip
    started: list[str] = []

    def scored(starter: Callable[..., Any], **changed: Any) -> dict[str, Any]:
        def start(template: Template, *given: Any) -> Any:
            confined = starter(template, *given)
            started.append(type(confined).__name__)
            return confined

        monkeypatch.setattr(Template, "start", start)
        with Bench(replace(options, **changed)) as bench:
            return findings(score(find(str(folder)), bench).model_dump_json(exclude=OF_THE_RUN))

    forked = scored(Template.start)
    programs = scored(lambda _, *given: process.start(*given), results=tmp_path / "programs")
    runners = 3 if verify else 1
    assert started == ["Forked"] * runners + ["Fresh"] * runners
    assert forked["status"] == "ok"
    assert forked == programs


def findings(record: str) -> dict[str, Any]:
    """Without the time a forward took, and the resident memory, which is not twice the same."""
    data: dict[str, Any] = json.loads(record)
    for images in data["images"].values():
        for image in images:
            del image["forward_ms"]
    for peaks in (data["memory"], *data["memory_by_shape"].values()):
        del peaks["rss"]
    return data
