"""A model that is recorded and replayed, on the fake device, where a capture computes nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from torch import Tensor

from esrbench.errors import SubmissionError
from esrbench.timing.graph import WARM_UP_CALLS, GraphReplay
from tests.cuda_fake.cuda import FakeCuda
from tests.cuda_fake.placed import Kernels, placed


class Doubling:
    """Counts its calls; written without an operator in place, as a network mostly is."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, x: Tensor) -> Tensor:
        self.calls += 1
        return (x + x).view(1, -1)


class On:
    """A tensor that says it lies on a device which is not there."""

    def __init__(self, values: Tensor, device: str) -> None:
        self._values, self.device = values, torch.device(device)

    def clone(self) -> Tensor:
        return self._values.clone()


@pytest.fixture
def cuda() -> Iterator[FakeCuda]:
    fake = FakeCuda(devices=2)
    with placed(fake), Kernels(fake), torch.no_grad():
        yield fake


def example(device: str = "cuda:0") -> On:
    return On(torch.tensor([1.0, 2.0]), device)


def test_replay_computes_on_each_new_input_without_calling(cuda: FakeCuda) -> None:
    model = Doubling()
    replay = GraphReplay(model, example(), cuda)
    assert model.calls == WARM_UP_CALLS + 1
    assert replay(torch.tensor([3.0, 5.0])).tolist() == [[6, 10]]
    assert replay(torch.tensor([7.0, 1.0])).tolist() == [[14, 2]]
    assert model.calls == WARM_UP_CALLS + 1


def test_what_a_capture_leaves_is_no_output(cuda: FakeCuda) -> None:
    replay = GraphReplay(Doubling(), example(), cuda)
    assert replay._output.isnan().all()


def test_it_is_recorded_on_the_device_of_the_model(cuda: FakeCuda) -> None:
    seen = []

    def model(x: Tensor) -> Tensor:
        seen.append((cuda.current_device(), cuda.current_stream().device_index))
        return x * 2

    GraphReplay(model, example("cuda:1"), cuda)
    assert set(seen) == {(1, 1)}
    assert cuda.current_device() == 0


def test_another_shape_is_refused(cuda: FakeCuda) -> None:
    replay = GraphReplay(Doubling(), example(), cuda)
    with pytest.raises(ValueError, match=r"recorded for \(2,\), called on \(3,\)"):
        replay(torch.ones(3))


@pytest.mark.parametrize(
    "waits",
    [
        lambda x: x * x.sum().item(),
        lambda x: x if torch.equal(x, x + 1) else x + 1,
        lambda x: x[x.nonzero()],
        lambda x: x.cpu(),
        lambda x: x.to("cpu"),
    ],
)
def test_what_waits_for_the_host_cannot_be_recorded(cuda: FakeCuda, waits) -> None:
    with pytest.raises(SubmissionError, match=r"stream is capturing\); time it with"):
        GraphReplay(waits, example(), cuda)
    assert not cuda.is_current_stream_capturing()


def test_only_the_first_line_is_said(cuda: FakeCuda) -> None:
    def fails(x: Tensor) -> Tensor:
        raise RuntimeError("no kernel image\nmore lines")

    with pytest.raises(SubmissionError, match=r"\(no kernel image\)") as caught:
        GraphReplay(fails, example(), cuda)
    assert "more lines" not in str(caught.value)


def test_recording_on_the_stream_of_everything_else_is_refused(cuda: FakeCuda) -> None:
    """What GraphReplay would do without a stream of its own."""
    with (
        pytest.raises(RuntimeError, match="non-default stream"),
        cuda.graph(cuda.CUDAGraph(), stream=cuda.default_stream()),
    ):
        pass


def test_a_side_stream_that_does_not_wait_is_early(cuda: FakeCuda) -> None:
    """What GraphReplay would risk without ``wait_stream``: the input is not there yet."""
    cuda.launch(50.0)  # writes the input
    side = cuda.Stream()
    cuda.launch(1.0, side)
    assert side.idle_at < cuda.current_stream().idle_at
    side.wait_stream(cuda.current_stream())
    cuda.launch(1.0, side)
    assert side.idle_at > cuda.current_stream().idle_at
