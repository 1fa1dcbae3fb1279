"""Build a reference submission, with its official weights or without any."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from esrbench.submission.find import Submission, bundled_names, find, list_variants
from esrbench.submission.load import build_model
from esrbench.submission.manifest import read_manifest
from esrbench.submission.weights import WeightsUnavailable, locate_weights

LABELS = [
    f"{name}/{variant}" if variant else name
    for name in bundled_names()
    for variant in list_variants(name)
]


_LIBRARY = {"spandrel-extra": "spandrel_extra_arches"}
"""What an extra installs, where it is called otherwise."""


def extra_of(label: str) -> str | None:
    """The extra of esrbench that its code needs."""
    return read_manifest(find(label).folder / "submission.yaml").extra


def untrained(label: str, scale: int | None = None, module: str | None = None) -> nn.Module:
    """The network as `build()` makes it, from a fixed seed; `module` for another file's."""
    submission = find(label, scale=scale)
    if extra := extra_of(label):
        pytest.importorskip(_LIBRARY.get(extra, extra))
    torch.manual_seed(0)
    entry = submission.folder / f"{module}.py" if module else submission.entry_file
    arguments = submission.build_arguments
    return build_model(entry, submission.entry_function, arguments, submission.scale)


def trained(label: str, scale: int, weights_dir: Path) -> tuple[Submission, nn.Module]:
    """The submission and its network with the official weights; skips where they are not there."""
    submission = find(label, scale=scale)
    try:
        weights = locate_weights(submission, weights_dir=weights_dir, offline=True)
    except WeightsUnavailable as why:
        pytest.skip(str(why))
    return submission, build_model(
        submission.entry_file,
        submission.entry_function,
        submission.build_arguments,
        submission.scale,
        weights,
        submission.weights_key,
    )


@torch.inference_mode()
def forward(model: nn.Module, x: Tensor) -> Tensor:
    """The output for a copy of `x`."""
    out = model(x.clone())
    assert isinstance(out, Tensor)
    return out
