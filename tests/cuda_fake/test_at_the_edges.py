"""Where the rest of the package meets a GPU: walls, options, other runtimes, metrics, locks."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from esrbench import devices
from esrbench.devices import resolve_device
from esrbench.errors import SubmissionError, UnavailableError, UsageError
from esrbench.judge.bench import Bench
from esrbench.judge.machine import Machine
from esrbench.judge.memory import GROWTH, measure_memory
from esrbench.metrics.lpips_distance import full_precision
from esrbench.metrics.scorer import Scorer
from esrbench.protocol.schema import Timing
from esrbench.runner.answers import Remembered
from esrbench.runner.model import LoadedModel
from esrbench.runner.session import Session
from esrbench.runner.timed import _call
from esrbench.sandbox import bubblewrap
from esrbench.sandbox.process import Place
from esrbench.sandbox.sight import Sight
from esrbench.submission.formats.exported_program import load as load_program
from esrbench.submission.formats.load_request import LoadRequest
from esrbench.submission.formats.onnx_session import OnnxModule, _memory, _session
from esrbench.timing.environment import torch_facts

from .cuda import FakeCuda, in_place_of_torch
from .machine import FakeMachine

NODES = ["nvidia0", "nvidia1", "nvidiactl", "nvidia-uvm", "nvidia-caps"]


@pytest.fixture
def nodes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with the nodes of two cards."""
    real = Path.glob

    def glob(self: Path, pattern: str) -> Iterator[Path]:
        found = [self / name for name in NODES] if str(self) == "/dev" else real(self, pattern)
        return iter(found)

    monkeypatch.setattr(Path, "glob", glob)


@pytest.mark.usefixtures("nodes", "two_gpus")
def test_bubblewrap_binds_one_card_and_the_driver() -> None:
    words = list(bubblewrap._gpu("cuda:1"))
    bound = [words[i + 1] for i, word in enumerate(words) if word == "--dev-bind"]
    assert bound == ["/dev/nvidia-uvm", "/dev/nvidia1", "/dev/nvidiactl"]


@pytest.mark.usefixtures("nodes")
def test_bubblewrap_binds_all_cards_where_none_says_which(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bubblewrap, "which_gpu", lambda device: None)
    words = list(bubblewrap._gpu("cuda:1"))
    assert {"/dev/nvidia0", "/dev/nvidia1"} <= set(words)


@pytest.mark.usefixtures("nodes", "gpu")
def test_landlock_leaves_what_the_driver_reads(tmp_path: Path) -> None:
    rules = Place("landlock", tmp_path, Sight(device="cuda:0")).rules()
    assert "/dev/nvidiactl" in rules["writable"]
    assert "/proc/driver" in rules["readable"]
    assert "/proc/driver" not in Place("landlock", tmp_path, Sight()).rules()["readable"]


@pytest.mark.parametrize(
    ("asked", "found"), [("auto", "cpu"), ("cuda", "cuda:0"), ("cuda:1", "cuda:1")]
)
@pytest.mark.usefixtures("two_gpus")
def test_devices_are_found(asked: str, found: str) -> None:
    assert resolve_device(asked) == found  # auto: without a driver's nodes torch is not asked


@pytest.mark.parametrize(("asked", "why"), [("cuda:2", UnavailableError), ("gpu", UsageError)])
@pytest.mark.usefixtures("two_gpus")
def test_devices_that_are_not_there(asked: str, why: type[Exception]) -> None:
    with pytest.raises(why):
        resolve_device(asked)


@pytest.mark.parametrize(("asked", "found"), [("auto", "cpu"), ("cuda", None), ("cpu", "cpu")])
def test_devices_without_a_gpu(
    monkeypatch: pytest.MonkeyPatch, asked: str, found: str | None
) -> None:
    monkeypatch.setattr(devices, "GPU_NODES", ("/",))  # a driver that finds no card
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    if found is None:
        with pytest.raises(UnavailableError, match="sees no CUDA device"):
            resolve_device(asked)
    else:
        assert resolve_device(asked) == found


@pytest.mark.usefixtures("gpu")
def test_auto_takes_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "GPU_NODES", ("/",))
    assert resolve_device("auto") == "cuda:0"


@pytest.mark.usefixtures("nodes", "gpu")
def test_walls_of_a_gpu_s_runner_have_its_nodes() -> None:
    assert b"/dev/nvidiactl" in bubblewrap.arguments(Sight(device="cuda:0"), {})
    assert b"/dev/nvidiactl" not in bubblewrap.arguments(Sight(), {})


@pytest.mark.usefixtures("gpu")
def test_images_of_one_size_go_to_a_device_together() -> None:
    """Scored as one by one: the sizes are mixed, and order is kept."""
    rng = np.random.default_rng(0)
    sizes = [(24, 30), (20, 20), (24, 30)]
    pairs = [
        (rng.integers(0, 256, (*s, 3), np.uint8), rng.integers(0, 256, (*s, 3), np.uint8))
        for s in sizes
    ]
    scorer = Scorer(("psnr_y", "ssim_rgb"), crop=2, device="cuda:0")
    assert scorer._batches(pairs) == [[0, 2], [1]]
    assert scorer.score_many(pairs) == [scorer.score(sr, hr) for sr, hr in pairs]


@pytest.mark.parametrize(
    ("providers", "given"),
    [
        (["CUDAExecutionProvider"], [("CUDAExecutionProvider", {"device_id": 1, "use_tf32": 1})]),
        (["CPUExecutionProvider"], None),
    ],
)
def test_onnxruntime_is_given_the_device(
    monkeypatch: pytest.MonkeyPatch, providers: list[str], given: list[object] | None
) -> None:
    opened: dict[str, object] = {}
    monkeypatch.setitem(sys.modules, "onnxruntime", SimpleNamespace(
        get_available_providers=lambda: providers,
        SessionOptions=SimpleNamespace,
        InferenceSession=lambda path, choices, providers: opened.update(providers=providers),
    ))  # fmt: skip
    if given is None:
        with pytest.raises(SubmissionError, match="onnxruntime-gpu"):
            _session(Path("x.onnx"), "cuda:1", tf32=True)
    else:
        _session(Path("x.onnx"), "cuda:1", tf32=True)
        assert opened["providers"] == given


def test_a_graph_needs_a_gpu() -> None:
    timing = Timing(policy="graph")
    asked = SimpleNamespace(protocol=SimpleNamespace(timing=timing), machine=Machine())
    with pytest.raises(UnavailableError, match="needs a CUDA GPU"):
        Bench(asked)  # type: ignore[arg-type]
    session = Session(lr=[], sr=[])
    session.loaded = LoadedModel(torch.nn.Identity(), abs, 1, 1, 1, torch.device("cpu"))
    with pytest.raises(SubmissionError, match="needs a CUDA GPU"):
        _call(session, "graph")


def test_torch_facts_of_a_gpu() -> None:
    with in_place_of_torch(FakeCuda()):
        facts = torch_facts("cuda:0")
    assert facts["capability"] == [9, 0]
    assert {"cudnn", "cudnn_benchmark", "tf32_matmul", "tf32_cudnn"} <= set(facts)


def test_threads_do_not_turn_tf32_on_for_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that leaves puts back what was set; nobody may compute inside then."""
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", True)
    seen: list[bool] = []
    inside, go = threading.Event(), threading.Event()

    def first() -> None:
        with full_precision("cuda"):
            inside.set()
            go.wait(10)

    def second() -> None:
        with full_precision("cuda"):
            seen.append(torch.backends.cudnn.allow_tf32)

    threads = [threading.Thread(target=work) for work in (first, second)]
    threads[0].start()
    inside.wait(10)
    threads[1].start()
    assert not seen  # it waits for the first
    go.set()
    for thread in threads:
        thread.join(10)
    assert seen == [False]
    assert torch.backends.cudnn.allow_tf32


def test_an_input_is_written_before_another_runtime_reads_it(gpu: FakeMachine) -> None:
    """What onnxruntime is handed must be there: it does not know torch's streams."""
    idle_when_run: list[bool] = []
    bound: dict[str, tuple[object, ...]] = {}
    binding = SimpleNamespace(
        bind_input=lambda name, *memory: bound.update({name: memory}),
        bind_output=lambda name, *memory: bound.update({name: memory}),
        synchronize_outputs=lambda: None,
    )
    module = OnnxModule.__new__(OnnxModule)
    torch.nn.Module.__init__(module)
    module._session = SimpleNamespace(
        io_binding=lambda: binding,
        run_with_iobinding=lambda _: idle_when_run.append(gpu.cuda.current_stream().query()),
    )
    module._scale, module._device, module._one_by_one = 2, torch.device("cuda:0"), True
    module._input, module._output = "lr", "sr"
    module._dtype = module._output_dtype = torch.float32
    gpu.cuda.launch(20.0)
    assert module(torch.zeros(2, 3, 4, 5)).shape == (2, 3, 8, 10)
    assert idle_when_run == [True, True]
    assert bound["sr"][0] == "cuda"
    assert _memory(torch.zeros(1, dtype=torch.float16))[2].__name__ == "float16"


def test_an_exported_program_is_moved_to_the_device(
    tmp_path: Path, gpu: FakeMachine, monkeypatch: pytest.MonkeyPatch
) -> None:
    passes = pytest.importorskip("torch.export.passes")
    moved: list[str] = []

    def move(program: object, device: str) -> object:
        moved.append(device)
        return program

    monkeypatch.setattr(passes, "move_to_device_pass", move)
    network = torch.nn.Sequential(torch.nn.Conv2d(3, 48, 3, padding=1), torch.nn.PixelShuffle(4))
    lr = torch.zeros(1, 3, 8, 8)
    torch.export.save(torch.export.export(network.eval(), (lr,)), tmp_path / "net_x4.pt2")
    module = load_program(LoadRequest(tmp_path / "net_x4.pt2", {}, 4, "cuda:0"))
    assert moved == ["cuda:0"]
    assert module(lr).shape == (1, 3, 32, 32)
    load_program(LoadRequest(tmp_path / "net_x4.pt2", {}, 4, "cpu"))
    assert moved == ["cuda:0"]


def test_what_runs_outside_torch_is_measured_by_the_driver(gpu: FakeMachine) -> None:
    memory = gpu.cuda.devices[0].memory

    class Grows:
        pids = (1,)

        def ask(self, request: object) -> Remembered:
            memory.take(2**25)
            gpu.nvml.cards[0].computing = {1: 100 + memory.reserved}
            return Remembered(memory={})

        def resident_bytes(self) -> int:
            return 1

    @contextmanager
    def fresh() -> Iterator[Grows]:
        yield Grows()

    found = measure_memory(Grows(), ["8x8"], "cuda:0", fresh)  # type: ignore[arg-type]
    assert found.headline_bytes is None
    assert found.by_shape["8x8"][GROWTH] == 2**25
