"""A training form and the deployed form made of it give the same image, within 1e-5."""

from __future__ import annotations

import importlib
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from esrbench.submission.find import find
from esrbench.submission.load import build_model

from .build import forward, untrained


def _randomised(label: str, scale: int) -> nn.Module:
    """The training form with every trainable weight disturbed, zeros and identities too."""
    model = untrained(label, scale, module="training_form")
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.requires_grad:
                parameter += 0.05 * torch.randn_like(parameter)
    return model


def _deployed(label: str, scale: int, training: nn.Module, folder: Path) -> nn.Module:
    """What the harness makes of the training form's checkpoint."""
    torch.save(training.state_dict(), folder / "trained.pth")
    submission = find(label, scale=scale)
    arguments, weights = submission.build_arguments, folder / "trained.pth"
    return build_model(submission.entry_file, "build", arguments, scale, weights)


@pytest.mark.parametrize(
    ("label", "scale", "finish"),
    [
        ("span/c28", 4, None),
        ("ecbsr/m4c16", 4, None),
        ("ecbsr/m4c16", 3, None),
        ("ecbsr/m4c16-y", 4, None),
        ("ecbsr/m4c8-y", 2, None),
        ("efdn", 4, None),
        ("efdn", 2, None),
        ("etds/t", 4, lambda sr: sr.clamp(0, 1)),
        ("etds/s", 3, lambda sr: sr.clamp(0, 1)),
        ("etds/s", 2, lambda sr: sr.clamp(0, 1)),
    ],
)
def test_both_forms_agree(
    label: str, scale: int, finish: Callable[[Tensor], Tensor] | None, tmp_path: Path
) -> None:
    training = _randomised(label, scale)
    deployed = _deployed(label, scale, training, tmp_path)
    data_range = find(label).data_range
    lr = torch.rand(1, 3, 19, 23) * data_range
    expected = forward(training, lr)
    expected = finish(expected) if finish else expected
    spread = max(data_range, expected.abs().max().item())
    assert expected.std() > 1e-3 * data_range
    torch.testing.assert_close(forward(deployed, lr), expected, rtol=0, atol=1e-5 * spread)


@pytest.mark.parametrize(
    ("label", "params"),
    [
        # Counted on the authors' own code.
        ("span/c28", 769_428),
        ("span/c48", 2_236_728),
        ("span/c52", 2_621_964),
        ("efdn", 549_216),
        ("ecbsr/m4c8-y", 18_136),
        ("ecbsr/m4c16-y", 49_712),
        ("ecbsr/m10c32-y", 373_408),
        ("ecbsr/m16c64-y", 2_235_968),
        ("etds/t", 17_366),
        ("etds/s", 48_792),
        ("etds/m", 65_780),
        ("etds/l", 159_474),
    ],
)
def test_training_params(label: str, params: int) -> None:
    model = untrained(label, 4, module="training_form")
    assert sum(p.numel() for p in model.parameters()) == params


@pytest.mark.parametrize("expand", [False, True])
@pytest.mark.parametrize("identity", [False, True])
@torch.no_grad()
def test_edbb_with_the_branches_that_are_switches(expand: bool, identity: bool) -> None:
    model, form = (_module_of("efdn", stem) for stem in ("model", "training_form"))
    torch.manual_seed(0)
    block = form.EDBB(8, expand=expand, identity=identity)
    for name in ("sbx", "sby", "lpl"):
        getattr(block, f"conv1x1_{name}").scale.normal_()  # starts too small to matter
    x = torch.rand(1, 8, 9, 11)
    weight, bias = model.fuse(block.state_dict(), expand=expand, identity=identity)
    fused = block.act(torch.nn.functional.conv2d(x, weight, bias, padding=1))
    torch.testing.assert_close(fused, block(x), rtol=0, atol=1e-5)
    other, _ = model.fuse(block.state_dict(), expand=not expand, identity=identity)
    assert (other - weight).abs().max() > 1e-3


def _module_of(name: str, stem: str) -> Any:
    """A file of a bundled submission, imported as the package it belongs to."""
    sys.modules.setdefault(name, types.ModuleType(name)).__path__ = [str(find(name).folder)]
    return importlib.import_module(f"{name}.{stem}")
