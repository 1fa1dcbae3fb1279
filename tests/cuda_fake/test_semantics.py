"""What CUDA and torch document, asked of the fake and, marked ``cuda``, of a real device.

CUDA C++ Programming Guide, "Streams", "Events", "CUDA Graphs"; PyTorch, "CUDA semantics".
"""

from __future__ import annotations

import pytest
import torch

from .conftest import Bed
from .cuda import FakeCuda


def test_a_launch_does_not_wait(bed: Bed) -> None:
    bed.launch(50)
    assert not bed.cuda.current_stream().query()
    bed.cuda.synchronize()
    assert bed.cuda.current_stream().query()


@pytest.mark.parametrize("wait", ["nothing", "start only"])
def test_elapsed_time_before_the_end_has_passed_is_refused(bed: Bed, wait: str) -> None:
    start, end = (bed.cuda.Event(enable_timing=True) for _ in range(2))
    start.record()
    bed.launch(50)
    end.record()
    if wait == "start only":
        start.synchronize()
    with pytest.raises((RuntimeError, ValueError)):
        start.elapsed_time(end)
    end.synchronize()
    assert start.elapsed_time(end) > 1


@pytest.mark.parametrize("timed", [(True, False), (False, True)])
def test_elapsed_time_of_events_without_timing_is_refused(
    bed: Bed, timed: tuple[bool, bool]
) -> None:
    start, end = (bed.cuda.Event(enable_timing=on) for on in timed)
    start.record()
    end.record()
    bed.cuda.synchronize()
    with pytest.raises((RuntimeError, ValueError)):
        start.elapsed_time(end)


def test_elapsed_time_of_an_event_never_recorded_is_refused(bed: Bed) -> None:
    start, end = (bed.cuda.Event(enable_timing=True) for _ in range(2))
    start.record()
    bed.cuda.synchronize()
    with pytest.raises((RuntimeError, ValueError)):
        start.elapsed_time(end)


def test_an_event_never_recorded_has_passed(bed: Bed) -> None:
    event = bed.cuda.Event()
    assert event.query()
    event.synchronize()


def test_work_in_one_stream_is_ordered(bed: Bed) -> None:
    first, second = bed.cuda.Event(), bed.cuda.Event()
    bed.launch(30)
    first.record()
    bed.launch(30)
    second.record()
    second.synchronize()
    assert first.query()


def test_streams_of_ones_own_do_not_wait_for_the_default_one(bed: Bed) -> None:
    bed.launch(80)
    side, event = bed.cuda.Stream(), bed.cuda.Event()
    event.record(side)
    event.synchronize()  # nothing is queued there
    assert not bed.cuda.current_stream().query()
    bed.cuda.synchronize()


def test_a_stream_that_is_told_to_waits(bed: Bed) -> None:
    bed.launch(50)
    side, event = bed.cuda.Stream(), bed.cuda.Event()
    side.wait_stream(bed.cuda.current_stream())
    event.record(side)
    event.synchronize()
    assert bed.cuda.current_stream().query()


def test_synchronize_waits_for_every_stream(bed: Bed) -> None:
    side = bed.cuda.Stream()
    with bed.cuda.stream(side):
        bed.launch(50)
    bed.cuda.current_stream().synchronize()
    assert not side.query()
    bed.cuda.synchronize()
    assert side.query()


def test_capture_is_refused_on_the_default_stream(bed: Bed) -> None:
    graph = bed.cuda.CUDAGraph()
    with pytest.raises(RuntimeError, match="non-default stream"):
        graph.capture_begin()


def test_a_graph_never_captured_is_not_replayed(bed: Bed) -> None:
    with pytest.raises(RuntimeError):
        bed.cuda.CUDAGraph().replay()


@pytest.mark.parametrize("what", ["synchronize", "stream", "event"])
def test_nothing_waits_in_a_capture(bed: Bed, what: str) -> None:
    graph, event = bed.cuda.CUDAGraph(), bed.cuda.Event()
    waits = {
        "synchronize": lambda: bed.cuda.synchronize(),
        "stream": lambda: bed.cuda.current_stream().synchronize(),
        "event": lambda: (event.record(), event.synchronize()),
    }
    with pytest.raises(RuntimeError), bed.cuda.graph(graph):
        bed.launch(1)
        waits[what]()
    assert not bed.cuda.is_current_stream_capturing()
    with pytest.raises(RuntimeError):
        graph.replay()


def test_a_capture_runs_nothing_and_a_replay_all(bed: Bed) -> None:
    graph = bed.cuda.CUDAGraph()
    with bed.cuda.graph(graph):
        bed.launch(200)
    assert bed.cuda.current_stream().query()
    graph.replay()
    assert not bed.cuda.current_stream().query()
    bed.cuda.synchronize()


def test_a_captured_stream_must_come_back(bed: Bed) -> None:
    graph, side = bed.cuda.CUDAGraph(), bed.cuda.Stream()
    with pytest.raises(RuntimeError, match="unjoined"), bed.cuda.graph(graph):
        side.wait_stream(bed.cuda.current_stream())
        with bed.cuda.stream(side):
            bed.launch(1)
    graph = bed.cuda.CUDAGraph()
    with bed.cuda.graph(graph):
        side.wait_stream(bed.cuda.current_stream())
        with bed.cuda.stream(side):
            bed.launch(1)
        bed.cuda.current_stream().wait_stream(side)
    graph.replay()
    bed.cuda.synchronize()


# What needs two devices, or to know sizes, is asked of the fake alone.


def test_peaks_are_each_device_s() -> None:
    cuda = FakeCuda(devices=2)
    for device in cuda.devices:
        device.memory.give_back(device.memory.take(10_000))
    cuda.reset_peak_memory_stats("cuda:1")
    assert cuda.max_memory_allocated("cuda:0") == 10_240  # blocks of 512 bytes
    assert cuda.max_memory_allocated("cuda:1") == 0
    assert cuda.max_memory_reserved("cuda:1") == 2 * 2**20  # freed, and kept
    cuda.empty_cache()
    assert cuda.memory_reserved("cuda:1") == 0


def test_more_than_there_is_runs_out() -> None:
    memory = FakeCuda().devices[0].memory
    with pytest.raises(torch.OutOfMemoryError):
        memory.take(memory.total)


def test_streams_belong_to_the_current_device() -> None:
    cuda = FakeCuda(devices=2)
    assert cuda.Stream().device_index == 0
    with cuda.device("cuda:1"):
        side = cuda.Stream()
    assert side.device_index == 1
    with cuda.stream(side):
        assert cuda.current_device() == 1
    assert (cuda.current_device(), cuda.current_stream(1).device_index) == (0, 1)


def test_events_of_two_devices_are_not_held_against_each_other() -> None:
    cuda = FakeCuda(devices=2)
    start, end = (cuda.Event(enable_timing=True) for _ in range(2))
    start.record(cuda.current_stream(0))
    end.record(cuda.current_stream(1))
    with pytest.raises(RuntimeError, match="invalid resource handle"):
        start.elapsed_time(end)
    with pytest.raises(RuntimeError, match="does not match"):
        end.record(cuda.current_stream(0))


def test_a_device_that_is_not_there() -> None:
    with pytest.raises(RuntimeError, match="invalid device ordinal"):
        FakeCuda().synchronize("cuda:1")
