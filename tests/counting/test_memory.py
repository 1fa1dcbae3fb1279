"""Peak live bytes against what can be worked out on paper; float32 is 4 bytes."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from esrbench.counting import memory
from esrbench.counting.memory import peak_live_tensor_bytes, resident_bytes
from tests.cuda_fake.cuda import FakeCuda, in_place_of_torch

from .nets import TinySR

ONE = torch.ones(1000)
MIB = 2**20
KB = 4000
"""Bytes of ``ONE``."""


def chain(x):
    """Never more than two at once: the input of a step and its result."""
    for _ in range(5):
        x = x + 1
    return x


def keeps_all(x):
    kept = [x + i for i in range(5)]
    return sum(kept, torch.zeros(1))


@pytest.mark.parametrize(
    ("call", "peak"),
    [
        (lambda: ONE + 1, KB),
        (lambda: chain(ONE), 2 * KB),
        (lambda: ONE.view(10, 100).t()[2:], 0),  # views are no memory
        (lambda: (ONE + 1).add_(1).mul_(2), KB),  # nor are writes in place
        (lambda: torch.cat([ONE, ONE]), 2 * KB),
        (lambda: ONE.double(), 2 * KB),
        (lambda: [ONE + 1 for _ in range(3)], 3 * KB),
        (lambda: None, 0),
        # zeros(1), five kept, and of the running sum the old and the new.
        (lambda: keeps_all(ONE), 4 + 7 * KB),
    ],
)
def test_peak(call, peak):
    assert peak_live_tensor_bytes(call) == peak


def test_a_network():
    # 8 channels from the head live while ReLU makes 8 more; then 8 and the tail's 12; then the
    # tail's 12 and the shuffled 12: 24 floats a pixel is the most.
    model, x = TinySR().eval(), torch.rand(1, 3, 10, 10)
    own = resident_bytes(model, x)
    assert own == 4 * (224 + 876 + 300)
    assert peak_live_tensor_bytes(lambda: model(x), baseline=own) == own + 24 * 100 * 4


def test_an_activation_in_place_saves_its_output():
    def net(inplace):
        return nn.Sequential(nn.Conv2d(3, 64, 3), nn.ReLU(inplace=inplace)).eval()

    x = torch.rand(1, 3, 12, 12)
    separate, inplace = net(False), net(True)
    assert peak_live_tensor_bytes(lambda: separate(x)) == 2 * 64 * 100 * 4
    assert peak_live_tensor_bytes(lambda: inplace(x)) == 64 * 100 * 4


def test_memory_shared_by_weights_counts_once():
    model = nn.ModuleList([nn.Linear(4, 4, bias=False), nn.Linear(4, 4, bias=False)])
    model[1].weight = model[0].weight
    assert resident_bytes(model, model[0].weight.view(16)) == 64


def test_the_process_is_larger_than_its_tensors():
    assert memory.peak_rss_bytes() > 10**7
    now = memory.rss_bytes()
    assert now is None or now > 10**7


def test_cuda_peak_is_of_the_call_and_of_its_device():
    """On a fake device: what was there before, elsewhere or at the peak does not show."""
    with in_place_of_torch(FakeCuda(devices=2)) as cuda:
        here, elsewhere = (device.memory for device in cuda.devices)
        standing = here.take(1024)  # weights
        here.give_back(here.take(50 * MIB))  # loading: reserved since
        elsewhere.take(70 * MIB)

        def call():
            cuda.launch(5.0)
            taken = here.take(3 * MIB)
            here.give_back(taken)

        peak = memory.cuda_peak(call, "cuda:0")
        assert peak == {"allocated": standing + 3 * MIB, "reserved": 22 * MIB}
        assert cuda.current_stream().query()  # waited for


def test_cuda_peak_without_a_reset_would_be_that_of_loading():
    """The same calls in another order."""
    cuda = FakeCuda()
    here = cuda.devices[0].memory
    here.give_back(here.take(50 * MIB))
    here.give_back(here.take(3 * MIB))
    assert cuda.max_memory_allocated("cuda:0") == 50 * MIB


def test_cuda_peak_of_a_call_that_leaves_torch_is_not_told():
    with in_place_of_torch(FakeCuda()):
        assert memory.cuda_peak(lambda: ONE.numpy(), "cuda:0") == {}


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_cuda_peak_on_a_device():
    x = torch.zeros(1024, 1024, device="cuda")
    peak = memory.cuda_peak(lambda: x + 1, "cuda")
    assert peak["allocated"] >= 2 * x.nbytes
    assert peak["reserved"] >= peak["allocated"]
