"""Weights, wherever they are kept: NTIRE.md's case is 433 weights of which 432 are a buffer."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from esrbench.counting.count import count
from esrbench.counting.parameters import count_buffers, count_constants, count_parameters

from .nets import TinySR


class Kept(nn.Module):
    """One parameter; a 3x3 convolution 3 -> 16 whose 432 weights ``keep`` puts somewhere."""

    def __init__(self, keep) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.ones(1))
        keep(self, torch.rand(16, 3, 3, 3))

    def forward(self, x):
        return F.conv2d(x, self.weight(), padding=1) * self.gain


def as_buffer(module, weight):
    module.register_buffer("kept", weight)
    module.weight = lambda: module.kept


def as_attribute(module, weight):
    module.kept = weight
    module.weight = lambda: module.kept


def in_containers(module, weight):
    module.kept = {"a": [(SimpleNamespace(w=weight),)]}
    module.weight = lambda: module.kept["a"][0][0].w


def in_a_closure(module, weight):
    module.weight = lambda: weight


def computed(module, weight):
    """From nothing but sizes: no weight is stored."""
    module.weight = lambda: torch.ones(16, 3, 3, 3) / 27


@pytest.mark.parametrize(
    ("keep", "buffers", "constants", "weights", "flagged"),
    [
        (as_buffer, 432, 0, 432, True),
        (as_attribute, 0, 432, 432, True),
        (in_containers, 0, 432, 432, True),
        (in_a_closure, 0, 432, 432, True),
        (computed, 0, 0, 0, False),
    ],
)
def test_weights_that_are_no_parameters(keep, buffers, constants, weights, flagged):
    counts = count(Kept(keep).eval(), torch.rand(1, 3, 8, 8))
    assert counts.params == 1
    assert counts.buffers == buffers
    assert counts.constant_elements == constants
    assert counts.facts["weights_not_parameters"] == weights
    assert ("weights-outside-parameters" in counts.flags) == flagged


def test_weights_made_from_parameters_are_parameters():
    class Fused(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a, self.b = nn.Conv2d(3, 8, 3, bias=False), nn.Conv2d(3, 8, 3, bias=False)

        def forward(self, x):
            return F.conv2d(x, self.a.weight + self.b.weight)

    counts = count(Fused().eval(), torch.rand(1, 3, 8, 8))
    assert counts.facts["weights_not_parameters"] == 0


def test_shared_frozen_and_unused_parameters():
    model = TinySR()
    model.again = model.head  # the same layer under another name: once
    model.unused = nn.Linear(2, 3)  # never called: counted
    for parameter in model.head.parameters():
        parameter.requires_grad = False  # frozen: counted
    assert count_parameters(model) == 224 + 876 + 9


def test_constants_are_counted_once_and_without_views():
    model = nn.Module()
    model.register_buffer("table", torch.zeros(5))
    mean = torch.zeros(3)
    model.mean, model.same, model.row = mean, [mean, mean[:2]], model.table[1:]
    model.array, model.names = np.zeros((2, 2)), ["x"]
    assert count_buffers(model) == 5
    assert count_constants(model) == 3 + 4


def test_a_module_hidden_in_a_list_takes_its_weights_along():
    model = TinySR()
    model.hidden = [nn.Conv2d(3, 3, 1)]
    assert count_parameters(model) == 224 + 876
    assert count_constants(model) == 12


def test_a_training_form_shows_in_the_parameters_that_are_used():
    model = TinySR()
    model.branch = nn.Conv2d(3, 8, 1)  # only trained with
    counts = count(model.eval(), torch.rand(1, 3, 8, 8))
    assert counts.params == 224 + 876 + 32
    assert counts.facts["params_used"] == 224 + 876


def test_a_python_module_as_attribute_is_not_searched():
    model = TinySR()
    model.functions = torch
    assert count_constants(model) == 0
