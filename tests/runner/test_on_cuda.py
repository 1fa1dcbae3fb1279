"""Every request that is answered otherwise on a GPU, on the fake one: the very same operations."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from esrbench.errors import SubmissionError
from esrbench.judge.compare import compare_submissions
from esrbench.judge.lane import RunnerLane
from esrbench.judge.launch import load_into, open_runner
from esrbench.judge.machine import Machine
from esrbench.judge.memory import measure_memory
from esrbench.judge.roofline import device_ceilings
from esrbench.protocol.schema import Timing
from esrbench.runner import ceilings, requests
from esrbench.submission.find import find
from esrbench.submission.submission import Submission
from tests.cuda_fake.conftest import gpu, two_gpus  # noqa: F401
from tests.cuda_fake.machine import FakeMachine
from tests.cuda_fake.nvml import THERMAL

SHAPE = "8x10"
IMAGES = [np.random.default_rng(i).integers(0, 256, (8, 10, 3), dtype=np.uint8) for i in range(4)]


def lane(submission: Submission, track: str, policy: str) -> Iterator[RunnerLane]:
    on = Machine(device="cuda:0", threads=1, track=track)
    with open_runner(on, submission) as runner:
        load_into(runner, submission, None, on)
        yield RunnerLane(
            submission.label, runner, submission.scale, submission.data_range,
            lambda _: IMAGES, policy=policy,
        )  # fmt: skip


@pytest.fixture
def tiny(tmp_path: Path) -> Submission:
    """Two convolutions, x2."""
    (tmp_path / "model.py").write_text(
        "from torch import nn\n\ndef build():\n    return nn.Sequential("
        "nn.Conv2d(3, 4, 3, padding=1), nn.ReLU(), nn.Conv2d(4, 12, 3, padding=1), "
        "nn.PixelShuffle(2))\n"
    )
    (tmp_path / "submission.yaml").write_text("name: tiny\nscale: 2\n")
    return find(str(tmp_path))


@pytest.mark.usefixtures("gpu")
@pytest.mark.parametrize("policy", ["block", "stream", "graph", "ntire"])
@pytest.mark.parametrize("track", ["fp32", "tf32", "bf16", "channels_last"])
def test_a_block(tiny: Submission, policy: str, track: str) -> None:
    for timed in lane(tiny, track, policy):
        timed.warm_up(SHAPE, 0.001)
        block = timed.block(SHAPE, None if policy == "ntire" else 3)
        assert block.clock == "cuda-event"
        assert len(block.call_ms) == (len(IMAGES) if policy == "ntire" else 3)
        assert sum(block.call_ms) <= block.wall_ms
        assert (block.tampered, timed.flags, timed.changed) == ((), set(), set())


@pytest.mark.usefixtures("gpu")
def test_a_graph_that_cannot_be_recorded(tiny: Submission) -> None:
    source = tiny.entry_file.read_text()
    waits = "class Waits(nn.Module):\n    def forward(self, x):\n        x.sum().item()\n        "
    tiny.entry_file.write_text(
        source.replace("def build", f"{waits}return x\n\ndef build").replace("nn.ReLU()", "Waits()")
    )
    for timed in lane(tiny, "fp32", "graph"):
        with pytest.raises(SubmissionError, match=r"operation not permitted .* policy 'block'"):
            timed.block(SHAPE, 2)


def test_what_a_forward_needs_of_a_device(gpu: FakeMachine, tiny: Submission) -> None:
    for timed in lane(tiny, "fp32", "block"):
        found = measure_memory(timed.runner, ["8x8", "16x16"], "cuda:0", lambda: None)
        small, large = (found.by_shape[size] for size in ("8x8", "16x16"))
        # Of the activations 4 and 12 channels live at once, then 12 and the shuffled 12.
        least = 4 * 24 * 16 * 16
        assert large["allocated"] > max(least, small["allocated"])
        assert large["reserved"] >= large["allocated"]
        assert large["process"] == gpu.cuda.devices[0].memory.context + large["reserved"]
        assert found.signatures == {"peak_memory_bytes": "memory|1x3x8x8|allocated|v1"}


@pytest.mark.usefixtures("gpu")
def test_layers(tiny: Submission) -> None:
    for timed in lane(tiny, "fp32", "block"):
        timed.send_pool(SHAPE)
        rows = timed.runner.ask(requests.LookIntoLayers()).layers
        by_operator = {row.operator: row for row in rows}
        assert by_operator["aten::convolution"].ms > 0


def test_throttled_blocks_are_measured_again(gpu: FakeMachine, tiny: Submission) -> None:
    gpu.nvml.cards[0].reasons = THERMAL
    recipe = Timing(max_seconds=0.05, warmup_seconds=0, block_seconds=0.001, min_blocks=2)
    found = compare_submissions(
        tiny, tiny, shape=SHAPE, timing=recipe, machine=Machine(device="cuda:0", threads=1),
        processes=1,
    )  # fmt: skip
    (run,) = found.runs
    assert "throttled" in found.flags
    assert sum(not block.counted for block in run.blocks) == 6
    assert all(block.energy_j is not None for block in run.blocks)


def test_ceilings(
    gpu: FakeMachine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import torch

    waits = []
    monkeypatch.setattr(torch.cuda, "synchronize", lambda device: waits.append(str(device)))
    allowed = {}

    def products(dtype, device):
        allowed.setdefault((dtype, torch.backends.cudnn.allow_tf32))
        yield 1000, lambda: None

    monkeypatch.setattr(ceilings, "_products", products)
    found = device_ceilings(Machine(device="cuda:0", threads=1), "cuda:Fake GPU", None)
    assert found is not None
    assert set(found["macs_per_s"]) == {"fp32", "tf32", "fp16", "bf16"}
    assert (torch.float32, True) in allowed
    assert not torch.backends.cudnn.allow_tf32
    assert set(waits) == {"cuda:0"}


def test_the_second_gpu_is_the_first_in_its_runner(two_gpus: FakeMachine) -> None:
    from esrbench.judge.child import child_environment, device_inside

    environment = child_environment("/scratch", 1, "cuda:1")
    assert environment["CUDA_VISIBLE_DEVICES"] == two_gpus.nvml.cards[1].uuid
    assert environment["CUDA_DEVICE_ORDER"] == "PCI_BUS_ID"
    assert device_inside("cuda:1") == "cuda:0"
    assert (device_inside("cpu"), device_inside("cuda:7")) == ("cpu", "cuda:7")
