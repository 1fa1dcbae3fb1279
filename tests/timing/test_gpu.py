"""NVML is a fake that answers in its units, and refuses what it would refuse."""

import sys
from types import SimpleNamespace

import pytest

from esrbench.timing import doctor_gpu, environment
from esrbench.timing.device_lock import device_keys
from esrbench.timing.nvml import (
    Gpu,
    clock_event_reasons,
    find_gpu,
    load_nvml,
    process_bytes,
    which_gpu,
)
from esrbench.timing.throttle import GpuWatch, Sample, combine, reason_names, watch_device
from tests.cuda_fake.nvml import HW_SLOWDOWN, IDLE, POWER_CAP, SYNC_BOOST, THERMAL, FakeNvml


@pytest.fixture
def nvml(monkeypatch):
    """Four cards: 1,980 MHz, 55 degrees, 250 W of 700, and 100 J more a question."""
    fake = FakeNvml(cards=4)
    monkeypatch.setitem(sys.modules, "pynvml", fake)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    return load_nvml()


@pytest.fixture
def no_nvml(monkeypatch):
    monkeypatch.setitem(sys.modules, "pynvml", None)


@pytest.mark.parametrize(
    ("bits", "names"),
    [
        (0, ()),
        (IDLE, ()),
        (IDLE | SYNC_BOOST, ()),
        (POWER_CAP, ("power cap",)),
        (IDLE | THERMAL, ("hardware thermal slowdown",)),
        (POWER_CAP | HW_SLOWDOWN, ("power cap", "hardware slowdown")),
    ],
)
def test_only_harmful_reasons_count(bits, names):
    assert reason_names(bits) == names


def test_the_worst_of_a_block_is_kept():
    samples = [Sample(1980, 60, 400, 1), Sample(1500, 71, 650, 4), Sample(None, None, None, None)]
    state = combine(samples, 12.5)
    assert (state.clock_mhz, state.temperature_c, state.power_w) == (1500, 71, 650)
    assert (state.throttled, state.reasons, state.energy_j) == (True, ("power cap",), 12.5)


def test_what_the_card_does_not_tell_is_none():
    state = combine([Sample(None, None, None, None)], None)
    assert (state.throttled, state.clock_mhz, state.energy_j) == (None, None, None)


def test_watch_reads_at_least_once(nvml):
    watch = watch_device("cuda:2")
    watch.start()
    state = watch.stop()
    assert (state.clock_mhz, state.temperature_c, state.power_w) == (1980, 55, 250)
    assert state.energy_j == 100
    assert state.throttled is False


def test_watch_reads_while_a_block_runs(nvml, monkeypatch):
    """A reason that comes and goes within a block is seen."""
    monkeypatch.setattr("esrbench.timing.throttle.PERIOD_SECONDS", 0.001)
    card, watch = nvml.cards[0], watch_device("cuda")
    card.reasons, card.clock = THERMAL, 900
    watch.start()
    while len(watch._samples) < 2:
        pass
    card.reasons, card.clock = 0, 1980
    state = watch.stop()
    assert (state.throttled, state.reasons) == (True, ("hardware thermal slowdown",))
    assert state.clock_mhz == 900


def test_watch_survives_a_card_that_tells_nothing():
    watch = GpuWatch(SimpleNamespace(), "gpu0")
    watch.start()
    assert watch.stop().clock_mhz is None


@pytest.mark.parametrize("lacks", ["Event", "Throttle"])
def test_reasons_by_either_name(nvml, monkeypatch, lacks):
    """Bindings and drivers have one name for them, the other, or both."""
    from tests.cuda_fake.nvml import QUESTIONS

    monkeypatch.delitem(QUESTIONS, f"nvmlDeviceGetCurrentClocks{lacks}Reasons")
    nvml.cards[0].reasons = POWER_CAP
    assert clock_event_reasons(nvml, nvml.cards[0]) == POWER_CAP


@pytest.mark.parametrize(
    ("device", "visible", "expected"),
    [
        ("cuda", None, 0),
        ("cuda:1", None, 1),
        ("cuda:1", "3,2", 2),
        ("cuda:1", " 3 , 2 ", 2),
        ("cuda", "GPU-00000002-aaaa-bbbb-cccc-dddddddddddd", 2),
        ("cuda", "GPU-00000003", 3),  # CUDA takes the beginning of one, NVML does not
        ("cuda", "GPU-0000", None),  # which of them?
        ("cuda", "GPU-f", None),
        ("cuda:5", None, None),
        ("cuda:1", "0", None),
        ("cuda", "", None),
        ("cuda", "-1", None),
    ],
)
def test_cuda_visible_devices_is_obeyed(nvml, monkeypatch, device, visible, expected):
    if visible is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    found = find_gpu(nvml, device)
    assert (found and found.number) == expected


def test_which_card_it_is(nvml):
    uuid = nvml.cards[1].uuid
    assert which_gpu("cuda:1") == Gpu(uuid, 1)
    assert which_gpu("cpu") is None
    assert device_keys("cuda:1", 1) == [uuid]
    assert device_keys("cuda:7", 1) == ["cuda-7"]


@pytest.mark.parametrize("question", ["nvmlDeviceGetMinorNumber", "nvmlDeviceGetUUID"])
def test_a_driver_that_does_not_say_which(nvml, monkeypatch, question):
    from tests.cuda_fake.nvml import QUESTIONS

    monkeypatch.setitem(QUESTIONS, question, lambda *_: None)
    gpu = which_gpu("cuda")
    assert gpu is None or gpu.minor is None


def test_no_watch_without_gpu(no_nvml):
    assert watch_device("cpu") is None
    assert watch_device("cuda") is None
    assert load_nvml() is None


def test_a_question_before_nvml_begins_is_refused():
    fake = FakeNvml()
    with pytest.raises(fake.NVMLError):
        fake.nvmlDeviceGetHandleByIndex(0)


@pytest.mark.parametrize("name", ["NVIDIA H200", b"NVIDIA H200"])
def test_device_name(nvml, name):
    nvml.cards[1].name = name
    assert environment.device_name("cuda:1") == "cuda:NVIDIA H200"
    facts = environment.environment("cuda:1")["gpu"]
    assert facts["power_limit_w"] == 700
    assert (facts["ecc"], facts["driver"]) == (True, "580.00")


def test_a_fact_that_is_not_told_is_none(nvml):
    nvml.cards[0].ecc = None
    assert environment.environment("cuda")["gpu"]["ecc"] is None
    assert environment.environment("cuda:9")["gpu"] is None
    assert environment.device_name("cuda:9") == "cuda:unknown GPU"


def test_doctor_has_nothing_to_say_of_a_card_that_is_left_alone(nvml):
    nvml.cards[0].ecc = None
    assert [f.level for f in doctor_gpu.examine_gpu("cuda")] == ["ok"]


def test_doctor_names_what_spoils(nvml):
    card = nvml.cards[0]
    card.computing, card.drawing, card.reasons = {4242: 1}, {17: None}, THERMAL
    card.limit_mw, card.application_clock, card.mode = 300_000, 1200, 3
    found = [(f.level, f.sentence) for f in doctor_gpu.examine_gpu("cuda")]
    assert found == [
        ("ok", "GPU: Fake GPU."),
        ("bad", "2 other process(es) use this GPU: 17, 4242."),
        (
            "bad",
            "The GPU's compute mode lets one process alone compute on it; a submission and the "
            "baseline it is timed against are two.",
        ),
        ("warn", "Power is capped at 300 W; this card's default is 700 W."),
        ("ok", "ECC is on; compare like with like."),
        ("warn", "The SM clock is set to 1200 MHz; this card reaches 1980 MHz."),
        ("bad", "The GPU is slowed down now: hardware thermal slowdown."),
    ]


def test_doctor_does_not_count_the_judge_itself(nvml):
    import os

    nvml.cards[0].computing = {os.getpid(): 1}
    assert not any("other process" in f.sentence for f in doctor_gpu.examine_gpu("cuda"))


@pytest.mark.parametrize(("device", "level"), [("cpu", "warn"), ("cuda", "bad")])
def test_doctor_without_gpu(no_nvml, device, level):
    (finding,) = doctor_gpu.examine_gpu(device)
    assert finding.level == level
    assert "energy cannot be measured" in finding.sentence


@pytest.mark.parametrize(
    ("told", "pids", "expected"),
    [
        ({500: 5, 700: 7}, [700], 7),
        ({500: 5, 700: 7}, [500, 700], 12),
        ({500: 5}, [700], None),
        ({700: None}, [700], None),
    ],
)
def test_memory_the_driver_gives_a_process(nvml, told, pids, expected):
    nvml.cards[0].computing = told
    assert process_bytes("cuda", pids) == expected


def test_a_driver_that_lists_no_processes(nvml, monkeypatch):
    from tests.cuda_fake.nvml import QUESTIONS

    monkeypatch.setitem(QUESTIONS, "nvmlDeviceGetComputeRunningProcesses", lambda *_: None)
    assert process_bytes("cuda", [700]) is None


def test_no_process_memory_without_gpu(no_nvml):
    assert process_bytes("cuda", [700]) is None
