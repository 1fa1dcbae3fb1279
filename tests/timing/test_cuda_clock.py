"""CudaClock on a fake device: work takes as long as it says, and launches take nothing."""

from __future__ import annotations

import pytest

from esrbench.timing.clock import CudaClock, make_clock
from tests.cuda_fake.cuda import FakeCuda, in_place_of_torch


@pytest.fixture
def cuda() -> FakeCuda:
    return FakeCuda(devices=2)


def test_it_times_the_work_not_the_launch(cuda: FakeCuda) -> None:
    _, ms = CudaClock("cuda", cuda).time(lambda _: cuda.launch(7.0), None)
    assert ms == pytest.approx(7)


def test_it_counts_work_on_another_stream(cuda: FakeCuda) -> None:
    side = cuda.Stream()
    _, ms = CudaClock("cuda", cuda).time(lambda _: cuda.launch(30.0, side), None)
    assert ms == pytest.approx(30)


def test_it_leaves_earlier_work_out(cuda: FakeCuda) -> None:
    clock, side = CudaClock("cuda", cuda), cuda.Stream()
    cuda.launch(100.0)
    cuda.launch(300.0, side)
    _, ms = clock.time(lambda _: cuda.launch(5.0), None)
    assert ms == pytest.approx(5)


def test_host_work_counts(cuda: FakeCuda) -> None:
    _, ms = CudaClock("cuda", cuda).time(lambda _: cuda.host.pass_ms(12.0), None)
    assert ms == pytest.approx(12)


def test_a_stream_that_the_call_leaves_current_changes_nothing(cuda: FakeCuda) -> None:
    side = cuda.Stream()

    def leaves(_: object) -> None:
        cuda.launch(4.0)
        cuda.devices[0].current = side
        cuda.launch(9.0)

    _, ms = CudaClock("cuda", cuda).time(leaves, None)
    assert ms == pytest.approx(9)  # both at once


def test_it_is_of_its_device_whichever_is_current(cuda: FakeCuda) -> None:
    clock, there = CudaClock("cuda:1", cuda), cuda.default_stream(1)
    assert cuda.current_device() == 0
    _, ms = clock.time(lambda _: cuda.launch(6.0, there), None)
    assert ms == pytest.approx(6)


@pytest.mark.parametrize("name", ["record", "elapsed_time", "synchronize"])
def test_it_keeps_its_own_and_names_what_was_patched(cuda: FakeCuda, name: str) -> None:
    clock = CudaClock("cuda", cuda)
    assert clock.tampered() == []
    setattr(cuda.Event, name, lambda *_: 0.001)
    _, ms = clock.time(lambda _: cuda.launch(7.0), None)
    assert ms == pytest.approx(7)
    assert clock.tampered() == [f"torch.cuda.Event.{name}"]


def test_a_patched_sync_of_the_device(cuda: FakeCuda) -> None:
    clock, side = CudaClock("cuda", cuda), cuda.Stream()
    cuda.synchronize = lambda device: None  # type: ignore[method-assign]
    _, ms = clock.time(lambda _: cuda.launch(9.0, side), None)
    assert ms == pytest.approx(9)
    assert clock.tampered() == ["torch.cuda.synchronize"]


def test_torch_s_own_is_taken() -> None:
    with in_place_of_torch(FakeCuda()) as cuda:
        clock = make_clock("cuda:0")
        assert isinstance(clock, CudaClock)
        assert clock.time(lambda _: cuda.launch(3.0), None)[1] == pytest.approx(3)


# The same calls in another order: the fake refuses them, or shows a time that is not the work's.


def test_without_waiting_for_the_end_there_is_no_time(cuda: FakeCuda) -> None:
    start, end = (cuda.Event(enable_timing=True) for _ in range(2))
    start.record()
    cuda.launch(7.0)
    end.record()
    with pytest.raises(ValueError, match="completed"):
        start.elapsed_time(end)


def test_without_waiting_for_the_device_another_stream_is_missed(cuda: FakeCuda) -> None:
    start, end = (cuda.Event(enable_timing=True) for _ in range(2))
    start.record()
    cuda.launch(30.0, cuda.Stream())
    end.record()
    end.synchronize()
    assert start.elapsed_time(end) == pytest.approx(0)


def test_without_waiting_before_the_start_earlier_work_counts(cuda: FakeCuda) -> None:
    start, end = (cuda.Event(enable_timing=True) for _ in range(2))
    side = cuda.Stream()
    cuda.launch(100.0, side)
    start.record()
    cuda.launch(5.0)
    cuda.synchronize()
    end.record()
    end.synchronize()
    assert start.elapsed_time(end) == pytest.approx(100)
