"""One row an operator family: the MACs by hand."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from esrbench.counting.forward_pass import fake_pass, real_pass
from esrbench.counting.mac_formulas import FORMULAS

from .nets import Calls

X = (1, 6, 10, 12)
PIXELS = 120
W = torch.rand(4, 6, 3, 3)
OFFSET = torch.rand(1, 18, 10, 12)


def tokens(x):
    """(1, 2, 60, 6): two heads of sixty tokens."""
    return x.reshape(1, 6, 2, 60).permute(0, 2, 3, 1)


def deformed(x):
    from torchvision.ops import deform_conv2d

    return deform_conv2d(x, OFFSET, W, padding=1)


CASES = {
    "conv2d": (lambda x: F.conv2d(x, W, padding=1), 4 * 6 * 9 * PIXELS),
    "strided": (lambda x: F.conv2d(x, W, padding=1, stride=2), 4 * 6 * 9 * 30),
    "dilated": (lambda x: F.conv2d(x, W, padding=2, dilation=2), 4 * 6 * 9 * PIXELS),
    "unbatched": (lambda x: F.conv2d(x[0], W, padding=1), 4 * 6 * 9 * PIXELS),
    "depthwise": (lambda x: F.conv2d(x, W[:1, :, None][0], padding=1, groups=6), 6 * 9 * PIXELS),
    "transposed": (lambda x: F.conv_transpose2d(x, torch.ones(6, 5, 2, 2), stride=2), 120 * PIXELS),
    "conv1d": (lambda x: F.conv1d(x.flatten(2), torch.ones(4, 6, 1)), 24 * PIXELS),
    "linear": (lambda x: F.linear(x.flatten(2).mT, torch.ones(5, 6), torch.ones(5)), 30 * PIXELS),
    "mm": (lambda x: x[0, 0] @ torch.ones(12, 7), 10 * 12 * 7),
    "bmm": (lambda x: x[0] @ torch.ones(6, 12, 7), 6 * 10 * 12 * 7),
    "addmm": (lambda x: torch.addmm(torch.ones(7), x[0, 0], torch.ones(12, 7)), 10 * 12 * 7),
    "baddbmm": (lambda x: torch.baddbmm(torch.ones(1), x[0], torch.ones(6, 12, 7)), 5040),
    "vector": (lambda x: x[0, 0] @ torch.ones(12), 10 * 12),
    "einsum": (lambda x: torch.einsum("bchw,cd->bdhw", x, torch.ones(6, 5)), 30 * PIXELS),
    # 2 heads x 60 queries x 60 keys x (6 + 6).
    "attention": (
        lambda x: F.scaled_dot_product_attention(tokens(x), tokens(x), tokens(x)),
        2 * 60 * 60 * 12,
    ),
    "nearest": (lambda x: F.interpolate(x, scale_factor=2), 0),
    "bilinear": (lambda x: F.interpolate(x, scale_factor=2, mode="bilinear"), 4 * 6 * 480),
    "bicubic": (lambda x: F.interpolate(x, scale_factor=2, mode="bicubic"), 16 * 6 * 480),
    # Half size: 8 taps along each row (10 x 6 results), then 8 along each column (5 x 6 results).
    "bicubic down": (
        lambda x: F.interpolate(x, scale_factor=0.5, mode="bicubic", antialias=True),
        6 * (10 * 6 * 8 + 5 * 6 * 8),
    ),
    "grid sample": (
        lambda x: F.grid_sample(x, torch.zeros(1, 7, 8, 2), align_corners=False),
        4 * 6 * 56,
    ),
    # 6 real transforms of 120 points: n log2 n each.
    "rfft2": (lambda x: torch.fft.rfft2(x), round(6 * PIXELS * math.log2(PIXELS))),
    "fft2": (
        lambda x: torch.fft.fft2(torch.complex(x, x)),
        round(2 * 6 * PIXELS * math.log2(PIXELS)),
    ),
    "deform conv": (deformed, 4 * 6 * 9 * PIXELS + 4 * 6 * 9 * PIXELS),
    "elementwise": (lambda x: F.gelu(x) * 2 + x.sigmoid(), 0),
    "layer norm": (lambda x: F.layer_norm(x, (12,)), 0),
    "pooling": (lambda x: F.avg_pool2d(F.max_pool2d(x, 2), 2), 0),
    "shuffle": (lambda x: F.pixel_unshuffle(x, 2), 0),
    "padding": (lambda x: F.pad(x, (1, 2, 3, 4), mode="reflect"), 0),
    "window": (lambda x: F.unfold(x, 2, stride=2), 0),
    "statistics": (lambda x: x.mean(dim=(2, 3)) + x.std(dim=(2, 3)) + x.amax(dim=(2, 3)), 0),
    "softmax": (lambda x: x.softmax(1).topk(2, dim=1).values.cumsum(1), 0),
}


@pytest.mark.parametrize("name", CASES)
def test_macs(name):
    function, macs = CASES[name]
    done = real_pass(Calls(function, W, OFFSET), torch.rand(X))
    assert done.counts.macs == macs
    assert done.opaque() == []


@pytest.mark.parametrize("name", CASES)
def test_the_same_without_memory(name):
    function, macs = CASES[name]
    assert fake_pass(Calls(function, W, OFFSET), X, torch.zeros(1)).counts.macs == macs


def test_inference_mode_inside_the_model_changes_nothing():
    def forward(x):
        with torch.inference_mode():
            return F.linear(F.conv2d(x, W, padding=1).mT, torch.ones(5, 10))

    done = real_pass(Calls(forward, W), torch.rand(X))
    assert done.counts.macs == 4 * 6 * 9 * PIXELS + 4 * 12 * 10 * 5
    assert done.opaque() == []


def test_a_transformer_block_at_720p_takes_no_memory_worth_naming():
    class Block(nn.Module):
        """Channel attention on 921,600 tokens: its activations alone would take gigabytes."""

        def __init__(self) -> None:
            super().__init__()
            self.qkv = nn.Linear(180, 540)

        def forward(self, x):
            q, k, v = self.qkv(x.flatten(2).mT).chunk(3, dim=-1)
            return v @ (q.mT @ k).softmax(-1)

    counts = fake_pass(Block(), (1, 180, 720, 1280), torch.zeros(1)).counts
    assert counts.macs == 720 * 1280 * (180 * 540 + 2 * 180 * 180)


class Rows(nn.Module):
    """A recurrent layer along the rows: 10 sequences of 12 steps of 6 numbers, 3 hidden ones."""

    def __init__(self, layer: type[nn.RNNBase], **options: bool) -> None:
        super().__init__()
        self.layer = layer(6, 3, batch_first=True, **options)

    def forward(self, x):
        return self.layer(x[0].permute(1, 2, 0))[0]


# layer, gates, directions
@pytest.mark.parametrize(
    ("layer", "gates", "ways"), [(nn.LSTM, 4, 1), (nn.LSTM, 4, 2), (nn.GRU, 3, 1), (nn.RNN, 1, 1)]
)
def test_recurrent_layers(layer, gates, ways):
    network = Rows(layer, bidirectional=ways == 2).requires_grad_(False)
    done = real_pass(network, torch.rand(X))
    assert done.counts.macs == ways * PIXELS * gates * (3 * 6 + 3 * 3)
    assert done.opaque() == []


def test_cudnns_recurrent_layers_are_counted_by_their_matrices():
    """As ``_cudnn_rnn`` is called: two layers of an LSTM, (steps, batch, features)."""
    weights = [torch.empty(12, 6), torch.empty(12, 3), torch.empty(12), torch.empty(12)]
    weights += [torch.empty(12, 3), torch.empty(12, 3), torch.empty(12), torch.empty(12)]
    count = FORMULAS["aten::_cudnn_rnn"].formula
    assert count([torch.empty(5, 2, 6), weights], None) == 10 * (12 * 6 + 3 * 12 * 3)


# operators without MACs; none is opaque
CHEAP = {
    "weight norm": lambda x: torch._weight_norm(W, W[:, :1, :1, :1]) + x.sum(),
    "max unpool": lambda x: F.max_unpool2d(*F.max_pool2d(x, 2, return_indices=True), 2),
    "cross product": lambda x: torch.linalg.cross(x[:, :3], x[:, 3:], dim=1),
    "random leaky ReLU": F.rrelu,
    "views in place": lambda x: x.clone().transpose_(2, 3).unsqueeze_(0).squeeze_(0),
}


@pytest.mark.parametrize("name", CHEAP)
def test_what_has_no_macs_is_not_opaque(name):
    counts = real_pass(Calls(CHEAP[name], W), torch.rand(X)).counts
    assert (counts.macs, counts.opaque) == (0, {})
