"""The golden outputs, the inputs they are for, and the rule that fills a network without weights.

golden_outputs.json and golden_outputs_2.json were made by running the authors' own code on a CPU in
fp32: with their weights, or (rows called "synthetic") with parameters filled by ``fill``.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from .build import forward

GOLDEN: dict[str, dict[str, Any]] = {
    entry["name"]: entry
    for file in ("golden_outputs.json", "golden_outputs_2.json")
    for entry in json.loads((Path(__file__).parent / file).read_text())
}


def smooth() -> Tensor:
    c = torch.arange(3.0).reshape(1, 3, 1, 1)
    y = torch.arange(48.0).reshape(1, 1, 48, 1)
    x = torch.arange(64.0).reshape(1, 1, 1, 64)
    return 0.5 + 0.25 * torch.sin(0.31 * x + 0.7 * c) + 0.25 * torch.cos(0.23 * y - 0.4 * c)


def mod37() -> Tensor:
    return ((torch.arange(3 * 48 * 64) * 37) % 256).reshape(1, 3, 48, 64) / 255


INPUTS = {"smooth": smooth, "mod37": mod37}


def figures(sr: Tensor, at: dict[str, float]) -> dict[str, float]:
    """Mean, population deviation, extremes and the elements ``at``, of an SR in [0, 1]."""
    return {
        "mean": sr.mean().item(),
        "std": sr.std(correction=0).item(),
        "min": sr.min().item(),
        "max": sr.max().item(),
        **{index: sr.flatten()[int(index)].item() for index in at},
    }


def compare(model: nn.Module, golden: dict[str, Any]) -> dict[str, float]:
    """The largest difference to each golden input's figures, of the range."""
    data_range = golden["input_range"]
    differences = {}
    for name, make in INPUTS.items():
        sr = forward(model, make() * data_range).double() / data_range
        expected = {k: v for k, v in golden[name].items() if k != "at"} | golden[name]["at"]
        measured = figures(sr, golden[name]["at"])
        differences[name] = max(abs(measured[key] - expected[key]) for key in expected)
    return differences


def keys_sha256(model: nn.Module) -> str:
    """Of the lines `NAME SHAPE` of the state dict, sorted."""
    lines = sorted(f"{name} {tuple(value.shape)}" for name, value in model.state_dict().items())
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


@torch.no_grad()
def fill(model: nn.Module) -> None:
    """Every trainable parameter from a hash of its place among the sorted names (rule A0).

    In 32-bit arithmetic, to u in [-1, 1): u / sqrt(fan) for weights, 0.1 u for biases, 1 + 0.1 u
    for the rest.
    """
    named = sorted((n, p) for n, p in model.named_parameters() if p.requires_grad)
    for k, (name, parameter) in enumerate(named):
        i = np.arange(parameter.numel(), dtype=np.uint32)
        h = i * np.uint32(2654435761) + np.uint32((k + 1) * 40503 * 977 % 2**32)
        h ^= h >> np.uint32(15)
        h *= np.uint32(2246822519)
        h ^= h >> np.uint32(13)
        h *= np.uint32(3266489917)
        h ^= h >> np.uint32(16)
        u = 2 * h.astype(np.float64) / 2**32 - 1
        fan = parameter.numel() // parameter.shape[0] if parameter.dim() >= 2 else 1
        if fan > 1:
            u /= np.sqrt(fan)
        elif name.endswith("bias"):
            u *= 0.1
        else:
            u = 1 + 0.1 * u
        parameter.copy_(torch.from_numpy(u).reshape(parameter.shape).float())
