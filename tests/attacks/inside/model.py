"""Every attack of this folder, from within forward: what succeeded is raised."""

from __future__ import annotations

import json
from pathlib import Path

import run
import torch
from torch import nn


class Network(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        facts = json.loads(Path(__file__).with_name("facts.json").read_text())
        raise RuntimeError(
            f"succeeded: {[name for name, got in run.attempts(facts).items() if got]}"
        )


def build() -> nn.Module:
    return Network()
