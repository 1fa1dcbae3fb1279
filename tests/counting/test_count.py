"""The whole count on networks small enough to count by hand."""

from __future__ import annotations

import json
import warnings

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from esrbench.counting.count import count
from esrbench.errors import SubmissionError
from esrbench.results.record import Complexity

from .nets import Calls, Fuses, TinySR

PIXELS = 16 * 24


@pytest.fixture(scope="module")
def tiny():
    return count(TinySR().eval(), torch.rand(1, 3, 16, 24))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("params", 3 * 8 * 9 + 8 + 8 * 12 * 9 + 12),
        ("macs", (3 * 8 * 9 + 8 * 12 * 9) * PIXELS),
        ("macs_fvcore", (3 * 8 * 9 + 8 * 12 * 9) * PIXELS),
        ("macs_dispatch", (3 * 8 * 9 + 8 * 12 * 9) * PIXELS),
        # NTIRE 2022 adds one for each element of the ReLU's output.
        ("macs_ntire2022", (3 * 8 * 9 + 8 * 12 * 9 + 8) * PIXELS),
        ("activations", (8 + 12) * PIXELS),
        ("activations_fvcore", (8 + 12) * PIXELS),
        ("convs", 2),
        ("buffers", 0),
        ("constant_elements", 0),
        ("flags", ()),
        ("opaque_ops", ()),
        ("missing", {}),
        ("unsupported_ops", {"aten::pixel_shuffle": 1}),
        ("by_module", {"head": 3 * 8 * 9 * PIXELS, "tail": 8 * 12 * 9 * PIXELS}),
    ],
)
def test_tiny_network(tiny, name, expected):
    assert getattr(tiny, name) == expected


def test_depth_is_the_longest_chain_of_weighted_layers(tiny):
    assert tiny.facts["depth"] == 2


def test_a_record_takes_it(tiny):
    plain = json.loads(json.dumps(tiny.as_dict()))
    headline = ("params", "macs", "activations", "convs", "flags", "missing", "input_free")
    part = {name: value for name, value in plain.items() if name not in headline}
    assert Complexity.model_validate(part).macs_fvcore == tiny.macs


def test_transposed_grouped_and_repeated_convolutions():
    # Transposed: Cin x Cout x k x k for each *input* pixel. Grouped: a quarter. A layer called
    # twice is two calls.
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.grouped = nn.Conv2d(8, 8, 3, padding=1, groups=4)
            self.up = nn.ConvTranspose2d(8, 3, 4, stride=2, padding=1)

        def forward(self, x):
            return self.up(self.grouped(self.grouped(x)))

    counts = count(Net().eval(), torch.rand(1, 8, 10, 6))
    assert counts.macs == counts.macs_dispatch == (2 * 8 * 2 * 9 + 8 * 3 * 16) * 60
    assert counts.convs == 3
    assert counts.activations == 2 * 8 * 60 + 3 * 240
    # NTIRE 2022 took output pixels for the transposed one too.
    assert counts.macs_ntire2022 == 2 * 8 * 2 * 9 * 60 + 8 * 3 * 16 * 240


def test_functional_convolutions_are_beside_ntires_count():
    kernel = torch.rand(3, 3, 3, 3)
    counts = count(Calls(lambda x: F.conv2d(x, kernel, padding=1)).eval(), torch.rand(1, 3, 8, 8))
    assert (counts.convs, counts.activations) == (0, 0)
    assert counts.facts["convs_dispatch"] == 1
    assert counts.facts["activations_dispatch"] == 3 * 64
    assert counts.macs == counts.macs_dispatch == 3 * 3 * 9 * 64


def test_a_model_that_fuses_itself_is_counted_after_and_flagged():
    counts = count(Fuses().eval(), torch.rand(1, 3, 8, 8))
    assert counts.params_before_forward == 336 + 48
    assert counts.params == counts.params_after_forward == 336
    assert counts.macs == counts.macs_dispatch == 324 * 64
    assert counts.facts["macs_dispatch_first_forward"] == (324 + 36) * 64
    assert set(counts.flags) == {"params-change", "macs-change"}


def test_precision_lowered_inside_is_seen():
    class Lowers(TinySR):
        def forward(self, x):
            x = self.act(self.head(x))
            with torch.autocast("cpu", dtype=torch.bfloat16):
                return self.up(self.tail(x)).float()

    counts = count(Lowers().eval(), torch.rand(1, 3, 8, 8))
    assert counts.facts["dtypes"] == {"float32": 216 * 64, "bfloat16": 864 * 64}


def test_buffers_and_training_state_are_as_before():
    model = TinySR().eval()
    state = {name: value.clone() for name, value in model.state_dict().items()}
    hooks = [len(module._forward_hooks) for module in model.modules()]
    count(model, torch.rand(1, 3, 8, 8))
    assert all(torch.equal(state[name], value) for name, value in model.state_dict().items())
    assert [len(module._forward_hooks) for module in model.modules()] == hooks
    assert not model.training


def test_no_trace_means_no_macs_and_a_reason():
    class Scripted(TinySR):
        def __init__(self) -> None:
            super().__init__()
            self.head = torch.jit.script(self.head)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # newest torch deprecates TorchScript
        model = Scripted().eval()
    counts = count(model, torch.rand(1, 3, 8, 8))
    assert counts.macs is None
    assert counts.missing["macs"].startswith("fvcore cannot trace this model: ")
    assert counts.macs_dispatch == (3 * 8 * 9 + 8 * 12 * 9) * 64
    assert counts.flags == ("opaque-ops",)


def test_a_model_that_runs_but_not_under_the_counter_is_flagged():
    class Wary(TinySR):
        def forward(self, x):
            if torch._C._len_torch_dispatch_stack():
                raise RuntimeError("someone is watching")
            return super().forward(x)

    counts = count(Wary().eval(), torch.rand(1, 3, 8, 8))
    assert counts.macs_dispatch is None
    assert "someone is watching" in counts.missing["macs_dispatch"]
    assert counts.flags == ("opaque-ops",)
    assert counts.macs == (3 * 8 * 9 + 8 * 12 * 9) * 64
    assert (counts.convs, counts.activations) == (2, 20 * 64)
    assert set(counts.facts) == {"macs_by_operator_fvcore", "modules_never_called"}


def test_a_model_that_fails_is_named_with_its_input():
    def fail(x):
        raise ValueError("sides must be multiples of 7")

    with pytest.raises(SubmissionError, match=r"1x3x8x8 .*multiples of 7"):
        count(Calls(fail).eval(), torch.rand(1, 3, 8, 8))
