"""A fake torch.cuda whose graph records one call and repeats it on replay."""

import contextlib
from types import SimpleNamespace

import numpy as np
import pytest

from esrbench.errors import SubmissionError
from esrbench.timing.graph import WARM_UP_CALLS, GraphReplay


class Buffer:
    """Of a tensor, what the replay uses."""

    def __init__(self, values):
        self.values = np.array(values, float)

    @property
    def shape(self):
        return self.values.shape

    def clone(self):
        return Buffer(self.values)

    def copy_(self, other):
        self.values[...] = other.values


class Doubling:
    """Writes into one output buffer; knows whether a graph is being recorded."""

    def __init__(self):
        self.calls = 0
        self.out = Buffer([0.0, 0.0])

    def __call__(self, x):
        self.calls += 1
        self.source = x
        self.kernel()
        return self.out

    def kernel(self):
        self.out.values[...] = 2 * self.source.values


def fake_cuda(model):
    stream = SimpleNamespace(wait_stream=lambda other: None)
    return SimpleNamespace(
        CUDAGraph=lambda: SimpleNamespace(replay=lambda: model.kernel()),
        Stream=lambda: stream,
        current_stream=lambda: stream,
        stream=lambda side: contextlib.nullcontext(),
        graph=lambda graph: contextlib.nullcontext(),
    )


def test_replay_computes_on_each_new_input_without_calling():
    model = Doubling()
    replay = GraphReplay(model, Buffer([1.0, 2.0]), fake_cuda(model))
    assert model.calls == WARM_UP_CALLS + 1
    assert replay(Buffer([3.0, 5.0])).values.tolist() == [6, 10]
    assert replay(Buffer([7.0, 1.0])).values.tolist() == [14, 2]
    assert model.calls == WARM_UP_CALLS + 1


def test_another_shape_is_refused():
    model = Doubling()
    replay = GraphReplay(model, Buffer([1.0, 2.0]), fake_cuda(model))
    with pytest.raises(ValueError, match=r"recorded for \(2,\), called on \(3,\)"):
        replay(Buffer([1.0, 2.0, 3.0]))


def test_what_cannot_be_recorded_is_said_in_a_sentence():
    def waits(x):
        raise RuntimeError("operation not permitted when stream is capturing\nmore lines")

    with pytest.raises(SubmissionError, match=r"stream is capturing\); time it with") as caught:
        GraphReplay(waits, Buffer([1.0, 2.0]), fake_cuda(Doubling()))
    assert "more lines" not in str(caught.value)
