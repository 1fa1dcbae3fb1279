"""Muon: its steps are orthogonal and as long as Adam's; what mixes no channels has Adam."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from training.muon import ADAM_RMS, Muon, mixing, orthogonal


@pytest.mark.parametrize("shape", [(3, 16, 16), (2, 8, 30), (2, 30, 8)])
def test_singular_values_become_about_one(shape: tuple[int, int, int]) -> None:
    """0.7 to 1.2 is what the quintic's author gives for five steps, from 1/100 of the largest."""
    torch.manual_seed(0)
    u, _, v = torch.linalg.svd(torch.randn(shape), full_matrices=False)
    spread = torch.logspace(0, -1, u.shape[-1])
    values = torch.linalg.svdvals(orthogonal(u @ torch.diag(spread) @ v))
    assert values.min() > 0.6
    assert values.max() < 1.25


def _network() -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(3, 8, 3), nn.Conv2d(8, 8, 5, groups=8), nn.Conv2d(8, 16, 1), nn.Conv2d(16, 8, 3),
        nn.Conv2d(8, 12, 3), nn.PixelShuffle(2),
    )  # fmt: skip


def test_what_mixes_channels() -> None:
    network = _network()
    assert [list(p.shape) for p in mixing(network)] == [[16, 8, 1, 1], [8, 16, 3, 3]]


def test_a_step_is_as_long_as_adams() -> None:
    torch.manual_seed(0)
    network = _network()
    matrices = mixing(network)
    apart = {id(p) for p in matrices}
    others = [p for p in network.parameters() if id(p) not in apart]
    optimiser = Muon(matrices, others, lr=1e-3)
    before = [p.detach().clone() for p in network.parameters()]
    network(torch.randn(4, 3, 16, 16)).square().mean().backward()
    optimiser.step()
    for old, new in zip(before, network.parameters(), strict=True):
        step = float((new.detach() - old).square().mean().sqrt())
        expected = 1e-3 * ADAM_RMS if id(new) in apart else 1e-3  # Adam's first step is the rate
        assert step == pytest.approx(expected, rel=0.25)


def test_adam_is_torchs() -> None:
    torch.manual_seed(0)
    ours, theirs = nn.Linear(4, 4), nn.Linear(4, 4)
    theirs.load_state_dict(ours.state_dict())
    pairs = (
        (ours, Muon([], ours.parameters(), lr=1e-2, betas=(0.9, 0.99))),
        (theirs, torch.optim.Adam(theirs.parameters(), lr=1e-2, betas=(0.9, 0.99))),
    )
    for seed in range(5):
        for network, optimiser in pairs:
            optimiser.zero_grad()
            x = torch.randn(8, 4, generator=torch.Generator().manual_seed(seed))
            network(x).square().mean().backward()
            optimiser.step()
    torch.testing.assert_close(ours.weight, theirs.weight, rtol=1e-5, atol=1e-6)
