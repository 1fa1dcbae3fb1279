"""The table of layers adds up to what the network computes and moves."""

from __future__ import annotations

import torch
from torch import nn

from esrbench.runner.ceilings import measure_ceilings
from esrbench.runner.layers import layer_costs
from esrbench.timing.clock import CpuClock


def test_macs_bytes_and_modules_of_a_small_network() -> None:
    network = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 48, 1))
    lr = torch.rand(1, 3, 10, 12)
    with torch.no_grad():
        costs = layer_costs(network, lambda x: network(x), lr, CpuClock())
    convs = {cost.module: cost for cost in costs if cost.operator == "aten::convolution"}
    # by hand: k*k*in*out*H*W, and 4 bytes for each element of input, weight, bias and output
    assert convs["0"].macs == 9 * 3 * 8 * 120
    assert convs["2"].macs == 8 * 48 * 120
    assert convs["0"].bytes == 4 * (3 * 120 + 9 * 3 * 8 + 8 + 8 * 120)
    assert sum(cost.macs for cost in costs) == 9 * 3 * 8 * 120 + 8 * 48 * 120
    assert all(cost.calls >= 1 and cost.ms > 0 for cost in costs)
    assert {cost.module for cost in costs} >= {"0", "1", "2"}


def test_a_view_moves_nothing() -> None:
    network = nn.Flatten()
    costs = layer_costs(network, network, torch.rand(1, 3, 4, 4), CpuClock())
    assert sum(cost.bytes for cost in costs) == 0


def test_ceilings_are_positive_and_a_launch_is_short() -> None:
    found = measure_ceilings(torch.device("cpu"))
    assert found["copy_bytes_per_s"] > 1e8
    assert found["macs_per_s"]["fp32"] > 1e8
    assert 0 < found["launch_s"] < 1e-3
