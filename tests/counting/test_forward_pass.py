"""Fake tensors count what real ones do, and leave the model alone."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from esrbench.counting.forward_pass import fake_pass, macs_at, real_pass

from .nets import Calls, TinySR

LIKE = torch.zeros(1)


def test_fake_and_real_agree():
    model = TinySR().eval()
    real = real_pass(model, torch.rand(1, 3, 20, 30))
    fake = fake_pass(model, (1, 3, 20, 30), LIKE)
    for name in ("macs", "by_operator", "by_module", "calls", "other_operations", "convs"):
        assert getattr(fake.counts, name) == getattr(real.counts, name)
    assert vars(fake.hooks) == vars(real.hooks)
    assert fake.opaque() == real.opaque() == []


def test_a_large_image_without_its_memory_and_without_touching_the_model():
    model = TinySR(width=64).eval()
    state = {name: value.clone() for name, value in model.state_dict().items()}
    macs = macs_at(model, (1, 3, 72_000, 128_000), LIKE)  # real activations: 2.4 TB
    assert macs == (3 * 64 * 9 + 64 * 12 * 9) * 72_000 * 128_000
    assert all(type(p) is torch.nn.Parameter and p.device.type == "cpu" for p in model.parameters())
    assert all(torch.equal(state[name], value) for name, value in model.state_dict().items())


def test_a_model_that_reads_values_falls_back_on_real_tensors():
    def forward(x):
        steps = int(x.sum().item() * 0) + 2
        for _ in range(steps):
            x = F.conv2d(x, torch.ones(3, 3, 1, 1))
        return x

    with pytest.raises(Exception, match=r"(?s)."):
        fake_pass(Calls(forward), (1, 3, 8, 8), LIKE)
    assert macs_at(Calls(forward), (1, 3, 8, 8), LIKE) == 2 * 9 * 64
