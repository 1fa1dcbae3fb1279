"""Loading: what a network without weights is, is the same in every process."""

from __future__ import annotations

import random
from pathlib import Path

import torch

from esrbench.runner import operations, requests
from esrbench.runner.session import Session

BUILDS = """
import random
import numpy, torch
def build(scale):
    network = torch.nn.Conv2d(3, 3, 3, padding=1)
    with torch.no_grad():
        network.bias += random.random() + float(numpy.random.rand())
    return network
"""


def test_drawn_weights_are_the_same_each_time_and_later_draws_are_not(tmp_path: Path) -> None:
    entry = tmp_path / "model.py"
    entry.write_text(BUILDS, encoding="utf-8")
    request = requests.Load(
        form="source", folder=str(tmp_path), entry_file=str(entry), entry_function="build",
        build_arguments={}, scale=1, data_range=1.0, channels="rgb", multiple=1, min_size=1,
        weights=None, weights_key=None, device="cpu", track="fp32",
        threads=torch.get_num_threads(),
    )  # fmt: skip
    built, drawn = [], []
    for _ in range(2):
        session = Session(lr=[], sr=[])
        operations.load(session, request)
        built.append(torch.cat([p.detach().flatten() for p in session.model().module.parameters()]))
        drawn.append((random.random(), torch.rand(1).item()))
    assert torch.equal(*built)
    assert drawn[0] != drawn[1]
