"""Code that says ``cuda`` where there is none: which constants are read as the device in use."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest
import torch
from torch import nn

from esrbench.submission.formats.as_if_cuda import as_if_cuda, read_cuda_as

NETWORK = """\
import torch
from torch import nn

def helper(x):
    return x + torch.zeros(1, device={device!r})

class Net(nn.Module):
    @staticmethod
    def mask(x):
        return torch.ones(1, device=torch.device({device!r}))

    def forward(self, x):
        rows = [torch.ones(1, device={device!r}) for _ in range(2)]  # an inner function till 3.12
        return helper(x) + self.mask(x) * sum(rows)
"""


def network(tmp_path: Path, device: str) -> nn.Module:
    path = tmp_path / f"net_{device.replace(':', '_')}.py"
    path.write_text(NETWORK.format(device=device))
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    made: nn.Module = module.Net()
    return nn.Sequential(nn.Identity(), made)


@pytest.mark.parametrize(("device", "found"), [("cuda", True), ("cuda:0", True), ("cpu", False)])
def test_a_forward_that_asks_for_cuda(tmp_path: Path, device: str, found: bool) -> None:
    net = network(tmp_path, device)
    assert read_cuda_as(torch.device("cpu"), net) is found
    assert net(torch.ones(1)).item() == 3
    assert read_cuda_as(torch.device("cpu"), net) is False  # once


def test_on_a_gpu_it_stays(tmp_path: Path) -> None:
    assert read_cuda_as(torch.device("cuda:1"), network(tmp_path, "cuda")) is False


def test_what_a_script_asks_of_a_gpu_is_answered_without_one() -> None:
    asked = torch.cuda.current_device
    with as_if_cuda(torch.device("cpu")):
        start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        start.record()
        end.record()
        torch.cuda.synchronize()
        torch.cuda.empty_cache()
        assert start.elapsed_time(end) >= 0
        assert torch.cuda.current_device() == torch.cuda.max_memory_allocated() == 0
        assert torch.zeros(1).cuda().device.type == "cpu"
    assert torch.cuda.current_device is asked
