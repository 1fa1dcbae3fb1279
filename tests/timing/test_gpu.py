"""NVML is a fake; reasons are bits of nvml.h: 0x1 idle, 0x4 power cap, 0x40 thermal slowdown."""

from types import SimpleNamespace

import pytest

from esrbench.timing import doctor_gpu, environment, throttle
from esrbench.timing import nvml as driver
from esrbench.timing.nvml import find_gpu, process_bytes
from esrbench.timing.throttle import GpuWatch, Sample, combine, reason_names, watch_device


class FakeNvml:
    """A card at 1,400 MHz, 61 degrees, 250 W of 300 (default 700), and 100 J more a question."""

    def __init__(self):
        self.reasons = 0
        self.energy_mj = 0
        self.pids = []

    def nvmlDeviceGetClockInfo(self, gpu, kind):  # noqa: N802
        assert kind == 1
        return 1400

    def nvmlDeviceGetTemperature(self, gpu, kind):  # noqa: N802
        return 61

    def nvmlDeviceGetPowerUsage(self, gpu):  # noqa: N802
        return 250_000

    def nvmlDeviceGetCurrentClocksThrottleReasons(self, gpu):  # noqa: N802
        return self.reasons

    def nvmlDeviceGetTotalEnergyConsumption(self, gpu):  # noqa: N802
        self.energy_mj += 100_000
        return self.energy_mj

    def nvmlDeviceGetHandleByIndex(self, index):  # noqa: N802
        if index > 3:
            raise RuntimeError("no such device")
        return f"gpu{index}"

    def nvmlDeviceGetHandleByUUID(self, name):  # noqa: N802
        return name

    def nvmlDeviceGetName(self, gpu):  # noqa: N802
        return b"NVIDIA H200"

    def nvmlDeviceGetComputeRunningProcesses(self, gpu):  # noqa: N802
        return [SimpleNamespace(pid=pid, usedGpuMemory=pid * 2**20) for pid in self.pids]

    def nvmlDeviceGetEnforcedPowerLimit(self, gpu):  # noqa: N802
        return 300_000

    def nvmlDeviceGetPowerManagementDefaultLimit(self, gpu):  # noqa: N802
        return 700_000

    def nvmlDeviceGetApplicationsClock(self, gpu, kind):  # noqa: N802
        return 1200

    def nvmlDeviceGetMaxClockInfo(self, gpu, kind):  # noqa: N802
        return 1980


@pytest.fixture
def nvml(monkeypatch):
    fake = FakeNvml()
    for room in (throttle, doctor_gpu, environment, driver):
        monkeypatch.setattr(room, "load_nvml", lambda: fake)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    return fake


@pytest.mark.parametrize(
    ("bits", "names"),
    [(0, ()), (0x1, ()), (0x4, ("power cap",)), (0x41, ("hardware thermal slowdown",))],
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
    watch = GpuWatch(nvml, "gpu0")
    watch.start()
    state = watch.stop()
    assert (state.clock_mhz, state.temperature_c, state.power_w) == (1400, 61, 250)
    assert state.energy_j == 100
    assert state.throttled is False


def test_watch_survives_a_card_that_tells_nothing():
    watch = GpuWatch(SimpleNamespace(), "gpu0")
    watch.start()
    assert watch.stop().clock_mhz is None


@pytest.mark.parametrize(
    ("device", "visible", "expected"),
    [
        ("cuda", None, "gpu0"),
        ("cuda:1", None, "gpu1"),
        ("cuda:1", "3,2", "gpu2"),
        ("cuda", "GPU-abc", "GPU-abc"),
        ("cuda:5", None, None),
        ("cuda:1", "0", None),
    ],
)
def test_cuda_visible_devices_is_obeyed(nvml, monkeypatch, device, visible, expected):
    if visible is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    assert find_gpu(nvml, device) == expected


def test_no_watch_without_gpu(monkeypatch):
    assert watch_device("cpu") is None
    monkeypatch.setattr(throttle, "load_nvml", lambda: None)
    assert watch_device("cuda") is None


def test_device_name(nvml):
    assert environment.device_name("cuda:1") == "cuda:NVIDIA H200"
    facts = environment.environment("cuda")["gpu"]
    assert facts["power_limit_w"] == 300
    assert facts["driver"] is None  # the fake does not tell


def test_doctor_names_what_spoils(nvml):
    nvml.pids, nvml.reasons = [4242], 0x40
    found = [(f.level, f.sentence) for f in doctor_gpu.examine_gpu("cuda")]
    assert found == [
        ("ok", "GPU: NVIDIA H200."),
        ("bad", "1 other process(es) use this GPU: 4242."),
        ("warn", "Power is capped at 300 W; this card's default is 700 W."),
        ("warn", "The SM clock is set to 1200 MHz; this card reaches 1980 MHz."),
        ("bad", "The GPU is slowed down now: hardware thermal slowdown."),
    ]


@pytest.mark.parametrize(("device", "level"), [("cpu", "warn"), ("cuda", "bad")])
def test_doctor_without_gpu(monkeypatch, device, level):
    monkeypatch.setattr(doctor_gpu, "load_nvml", lambda: None)
    (finding,) = doctor_gpu.examine_gpu(device)
    assert finding.level == level
    assert "energy cannot be measured" in finding.sentence


@pytest.mark.parametrize(("pid", "expected"), [(700, 700 * 2**20), (701, None)])
def test_memory_the_driver_gives_a_process(nvml, pid, expected):
    nvml.pids = [500, 700]
    assert process_bytes("cuda", [pid]) == expected


def test_no_process_memory_without_gpu(monkeypatch):
    monkeypatch.setattr(driver, "load_nvml", lambda: None)
    assert process_bytes("cuda", [700]) is None
