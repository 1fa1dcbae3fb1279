"""Networks of the second half of the field, whose golden rows need a word of their own."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from esrbench.submission.find import find

from .build import forward, trained, untrained
from .golden import GOLDEN, INPUTS, compare, fill

# submission, scale, row
RAMIT = [
    ("ramit/ramit-1", 4, "RAMiT-1 x4"),
    ("ramit/ramit-1", 2, "RAMiT-1 x2"),
    ("ramit/slimsr", 4, "RAMiT-slimSR x4"),
    ("ramit/slimsr", 3, "RAMiT-slimSR x3"),
    ("ramit/slimsr", 2, "RAMiT-slimSR x2"),
    *(("ramit/ramit", scale, f"RAMiT x{scale} synthetic") for scale in (2, 3, 4)),
]


@pytest.mark.parametrize(("label", "scale", "name"), RAMIT)
def test_ramit_with_its_own_padding(label: str, scale: int, name: str, weights_dir: Path) -> None:
    """48 rows are padded with zeros to 64 by the authors' network, not by their tester."""
    if name.endswith("synthetic"):
        model, tolerance = untrained(label, scale), 2e-5
        fill(model)
    else:
        model, tolerance = trained(label, scale, weights_dir)[1], 1e-5
    model.symmetric = False
    assert max(compare(model, GOLDEN[name]).values()) <= tolerance


@pytest.mark.parametrize("scale", [3, 4])
def test_smsr_without_weights(scale: int) -> None:
    model = untrained("smsr", scale)
    fill(model)
    assert max(compare(model, GOLDEN[f"SMSR x{scale} synthetic"]).values()) <= 2e-5


@pytest.mark.parametrize("backbone", ["carn", "fsrcnn"])
def test_pcsr_finds_as_many_hard_pixels(backbone: str, weights_dir: Path) -> None:
    model = trained(f"pcsr/{backbone}", 4, weights_dir)[1]
    golden = GOLDEN[f"PCSR {backbone} phase1 x4 k=0 with refinement"]
    for name, fraction in golden["hard_pixel_fraction"].items():
        with torch.inference_mode():
            queries = model.queries(model.encoder(INPUTS[name]() - model.mean))
            assert model.hard(queries).float().mean().item() == pytest.approx(fraction, abs=1e-5)


@pytest.mark.parametrize("backbone", ["carn", "fsrcnn"])
def test_pcsr_without_refinement(backbone: str, weights_dir: Path) -> None:
    model = trained(f"pcsr/{backbone}", 4, weights_dir)[1]
    model.refined = lambda sr, hard: sr
    golden = GOLDEN[f"PCSR {backbone} phase1 x4 k=0 without refinement"]
    assert max(compare(model, golden).values()) <= 1e-5


def test_smsr_keeps_less_than_all() -> None:
    """With a mask of ones nothing is saved; with one of zeros the sparse channels are."""
    model = untrained("smsr", 2)
    lr = torch.rand(1, 3, 12, 16) * 255
    for part in model.body:
        part.spa_mask[5].weight.data.zero_()
        part.spa_mask[5].bias.data = torch.tensor([0.0, 1.0])
    torch.testing.assert_close(model.kept(lr), torch.ones(5))
    for part in model.body:
        part.spa_mask[5].bias.data = torch.tensor([1.0, 0.0])
    dense = model.body[0].body.ch_mask.softmax(3).round()[0, :, :, 0].mean(0)
    inputs = torch.cat([torch.ones(1), dense[:-1]])
    torch.testing.assert_close(model.kept(lr)[0], (dense * inputs).mean())


def test_fiwhn_attends_in_parts_as_in_one() -> None:
    model = untrained("fiwhn", 4).double()  # in float, rounding alone is 2 of 255
    lr = torch.rand(1, 3, 20, 24, dtype=torch.float64) * 255
    whole = forward(model, lr)
    attention = model.attention1.atten
    module = __import__(type(attention).__module__, fromlist=["QUERIES"])
    module.QUERIES = 7
    torch.testing.assert_close(forward(model, lr), whole, rtol=0, atol=1e-6)
    assert find("fiwhn").data_range == 255
