"""The compiled depthwise kernels give what PyTorch's convolution gives, gradients included."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from training import depthwise
from training.depthwise import fast_depthwise

CPU = torch.device("cpu")


@pytest.fixture
def one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def compiled(one_thread: None) -> None:
    if depthwise._kernels() is None:
        pytest.skip("there is no C++ compiler: PyTorch's convolution stays")


def _all(x: Tensor, conv: nn.Conv2d, g: Tensor) -> list[Tensor]:
    """The output and the gradients of what is trained."""
    y = conv(x)
    trained = [x, conv.weight] + ([] if conv.bias is None else [conv.bias])
    return [y, *torch.autograd.grad(y, trained, g)]


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize(
    ("channels", "kernel", "dilation", "bias", "size"),
    [
        (64, (5, 5), 1, True, (13, 17)),
        (64, (5, 5), 3, True, (13, 17)),  # SVAN's
        (36, (1, 11), 1, True, (9, 8)),  # SeemoRe-T's: wider than the image
        (36, (11, 1), 1, True, (9, 8)),
        (36, (3, 3), 1, False, (6, 6)),
        (7, (7, 7), 2, True, (16, 5)),
        (1 + 4 + 8 + 32, (3, 3), 1, True, (1, 1)),  # every width of vector, and a single pixel
    ],
)
def test_as_pytorch(
    compiled: None, channels: int, kernel: tuple[int, int], dilation: int, bias: bool,
    size: tuple[int, int], layout: torch.memory_format,
) -> None:  # fmt: skip
    torch.manual_seed(0)
    padding = tuple(dilation * (k // 2) for k in kernel)
    conv = nn.Conv2d(
        channels, channels, kernel, padding=padding, dilation=dilation, groups=channels, bias=bias
    )  # fmt: skip
    x = torch.randn(2, channels, *size).to(memory_format=layout).requires_grad_()
    g = torch.randn(2, channels, *size)
    expected = _all(x, conv, g)
    with fast_depthwise(CPU):
        found = _all(x, conv, g)
    for ours, theirs in zip(found, expected, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-4)  # sums of up to 442 terms
    assert type(found[0].grad_fn).__name__ == "_DepthwiseBackward"


@pytest.mark.parametrize(
    "conv",
    [
        pytest.param(nn.Conv2d(8, 8, 3, padding=1), id="mixes channels"),
        pytest.param(nn.Conv2d(8, 8, 3, padding=1, groups=4), id="groups of two"),
        pytest.param(nn.Conv2d(8, 16, 3, padding=1, groups=8), id="two outputs a channel"),
        pytest.param(nn.Conv2d(8, 8, 4, stride=4, groups=8), id="strided"),
        pytest.param(nn.Conv2d(8, 8, 3, groups=8), id="not padded"),
        pytest.param(nn.Conv2d(8, 8, 3, padding="same", groups=8), id="padding by name"),
        pytest.param(nn.Conv2d(8, 8, 3, padding=(1, 2), dilation=(1, 2), groups=8), id="uneven"),
    ],
)
def test_all_else_is_left_to_pytorch(compiled: None, conv: nn.Conv2d) -> None:
    x = torch.randn(2, 8, 12, 12)
    with fast_depthwise(CPU):
        y = conv(x)
    assert "Convolution" in type(y.grad_fn).__name__
    assert torch.equal(y, F.conv2d(
        x, conv.weight, conv.bias, conv.stride, conv.padding, conv.dilation, conv.groups
    ))  # fmt: skip


def test_without_a_compiler(one_thread: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CXX", "no-such-compiler")
    depthwise._kernels.cache_clear()
    conv = nn.Conv2d(8, 8, 3, padding=1, groups=8)
    try:
        with fast_depthwise(CPU):
            y = conv(torch.randn(1, 8, 6, 6))
    finally:
        depthwise._kernels.cache_clear()
    assert "Convolution" in type(y.grad_fn).__name__
