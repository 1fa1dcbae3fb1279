"""Options that several commands share, and what they resolve to."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, cast

import typer

from esrbench.errors import UnavailableError, UsageError, nearest
from esrbench.tracks import TRACKS

if TYPE_CHECKING:
    from esrbench.judge.launch import Machine
    from esrbench.protocol.schema import Protocol
    from esrbench.submission.weights import WeightsChoice

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
Results = Annotated[
    Path, typer.Option("--results", help="Folder of records.", envvar="ESRBENCH_RESULTS")
]
DataRoot = Annotated[
    Path | None,
    typer.Option("--data-root", help="Folder of datasets.", envvar="ESRBENCH_DATA_ROOT"),
]
WeightsDir = Annotated[
    Path | None,
    typer.Option(
        "--weights-dir",
        help="Folder of checkpoints, found by their sha256.",
        envvar="ESRBENCH_WEIGHTS_DIR",
    ),
]
Weights = Annotated[
    str | None,
    typer.Option(
        "--weights",
        help="own: trained here; official: the authors'; or a checkpoint FILE. "
        "Default: official where at hand.",
    ),
]
Datasets = Annotated[
    Path | None, typer.Option("--datasets", help="A YAML file of your own datasets.")
]
ProtocolName = Annotated[
    str, typer.Option("--protocol", "-p", help="quick, classic, ntire2022 ... or a YAML file.")
]
Variant = Annotated[str | None, typer.Option("--variant", help="One variant; `all` for each.")]
ModelId = Annotated[
    str | None,
    typer.Option("--model-id", help="Of an NTIRE repository, as in test_demo.py; `all` for each."),
]
Model = Annotated[
    str | None, typer.Option("--model", help="Of an EDSR-PyTorch repository: a file of model/.")
]
Args = Annotated[
    str | None,
    typer.Option("--args", help='For its option.py, as in --args "--n_feats 32 --scale 4".'),
]
Scale = Annotated[int | None, typer.Option("--scale", "-s", help="Upscaling factor.")]
Device = Annotated[str, typer.Option("--device", help="cpu, cuda, cuda:N; auto takes a GPU.")]
Track = Annotated[
    str | None,
    typer.Option(
        "--track",
        help=f"{', '.join(TRACKS)}; default: the submission's precision.",
    ),
]
Allow = Annotated[
    list[str] | None,
    typer.Option(
        "--allow", help="Rank rows with this flag all the same, visibly; may be given again."
    ),
]
References = Annotated[
    bool,
    typer.Option(
        "--references/--no-references",
        help="Show the bundled systems, whose quality and counts come with esrbench, beside yours.",
    ),
]
Literature = Annotated[
    bool,
    typer.Option(
        "--literature/--no-literature",
        help="Show published figures beside the measured ones, set apart and never ranked.",
    ),
]
Offline = Annotated[bool, typer.Option("--offline", help="Download nothing.")]
Threads = Annotated[int, typer.Option("--threads", min=0, help="CPU threads; 0: all cores.")]
Jobs = Annotated[
    str | None,
    typer.Option(
        "--jobs",
        "-j",
        help="Workers side by side, or auto; runtimes are measured alone all the same.",
    ),
]
Engine = Annotated[
    str | None, typer.Option("--engine", help="Where workers are: local, or ray (a cluster).")
]
Address = Annotated[
    str | None, typer.Option("--address", help="Of the Ray cluster: auto, or HOST:PORT.")
]
ShipData = Annotated[
    bool, typer.Option("--ship-data", help="Send images to the nodes, which then need no copy.")
]
AllowMixed = Annotated[
    bool, typer.Option("--allow-mixed", help="Nodes may differ in esrbench or torch.")
]
WaitForNodes = Annotated[
    float,
    typer.Option("--wait-for-nodes", min=0, help="Seconds to wait where no node can do it."),
]
Events = Annotated[
    Path | None, typer.Option("--events", help="Append what happens to FILE, as JSON lines.")
]
TimeLimit = Annotated[
    float, typer.Option("--time-limit", min=1, help="Seconds one answer of a submission may take.")
]
MemoryLimit = Annotated[
    float | None,
    typer.Option("--memory-limit", min=0.1, help="GiB a submission may hold; default 85% of all."),
]

Verify = Annotated[
    bool,
    typer.Option(
        "--verify/--no-verify",
        help="Score the exported graph where none of the submission's code is; what has no graph "
        "is `claimed` and ranked apart.",
    ),
]
SandboxChoice = Literal["bwrap", "landlock", "limits", "none"]
"""As in ``sandbox/tiers.py``."""
Sandbox = Annotated[
    SandboxChoice | None,
    typer.Option("--sandbox", help="What confines submissions; default: the best that works here."),
]


def which(
    variant: str | None, model_id: str | None, model: str | None, args: str | None
) -> str | None:
    """The one variant that --variant, --model-id, or --model with --args names."""
    named = [text for text in (variant, model_id, model) if text]
    if len(named) > 1:
        raise UsageError("--variant, --model-id and --model all name one of several: give one.")
    if args is None:
        return named[0] if named else None
    return " ".join([*named, args])


def resolve_weights(text: str | None) -> tuple[WeightsChoice | None, Path | None]:
    """Whose weights are wanted, or the file that was given."""
    if text in (None, "own", "official"):
        return cast("WeightsChoice | None", text), None
    return None, Path(text)


_GPU_NODES = ("/dev/nvidiactl", "/dev/nvidia0", "/dev/dxg", "/dev/kfd", "/dev/nvhost-gpu",
              "/dev/nvgpu", "/proc/driver/nvidia")  # fmt: skip
"""What a driver that torch could use makes: NVIDIA's own, of WSL, of Jetson; AMD's."""
DEFAULT_RESULTS = Path("reports/results")


def resolve_device(device: str) -> str:
    """``auto`` as what is there; raises UnavailableError for a GPU that is not."""
    if device == "cpu":
        return device
    if device not in {"auto", "cuda"} and not (device.startswith("cuda:") and device[5:].isdigit()):
        raise UsageError(f"No device {device!r}; use cpu, cuda, cuda:N or auto.")
    if device == "auto" and not any(Path(node).exists() for node in _GPU_NODES):
        return "cpu"  # torch takes a second to say the same
    import torch

    if not torch.cuda.is_available():
        if device == "auto":
            return "cpu"
        raise UnavailableError(f"--device {device}: torch sees no CUDA device; use --device cpu.")
    number = int(device[5:]) if device.startswith("cuda:") else 0
    if number >= torch.cuda.device_count():
        raise UnavailableError(f"--device {device}: there are {torch.cuda.device_count()} GPUs.")
    return f"cuda:{number}"


def resolve_machine(
    device: str,
    threads: int,
    time_limit: float,
    memory_limit: float | None,
    track: str | None = None,
    sandbox: SandboxChoice | None = None,
) -> Machine:
    """The machine that submissions run on, with its limits."""
    from esrbench.judge.launch import Machine
    from esrbench.judge.limits import Limits
    from esrbench.sandbox.choose import choose
    from esrbench.timing.threads import thread_count

    memory = int(memory_limit * 2**30) if memory_limit else _most_of_memory()
    if track is not None and track not in TRACKS:
        raise UsageError(f"No track {track!r}{nearest(track, TRACKS)}")
    return Machine(
        device=resolve_device(device),
        track=track,
        threads=thread_count(threads),
        sandbox=choose(sandbox),
        limits=Limits(
            answer_seconds=time_limit, memory_bytes=memory, threads=thread_count(threads)
        ),
    )


def resolve_protocol(
    name: str,
    *,
    datasets: list[str] | None = None,
    max_seconds: float | None = None,
    policy: str | None = None,
    shapes: list[str] | None = None,
) -> Protocol:
    """The protocol with the command's own datasets, timing budget, policy and shapes put in."""
    from esrbench.protocol.load import load_protocol
    from esrbench.protocol.schema import Timing
    from esrbench.strict_yaml import parse

    protocol = load_protocol(name)
    if datasets:
        rank = protocol.rank_by
        if rank is not None and rank.dataset is not None and rank.dataset not in datasets:
            rank = rank.model_copy(update={"dataset": datasets[0]})
        protocol = protocol.model_copy(update={"datasets": tuple(datasets), "rank_by": rank})
    asked = {"max_seconds": max_seconds, "policy": policy, "shapes": shapes or None}
    changes = {key: value for key, value in asked.items() if value is not None}
    if changes:
        timing = parse({**protocol.timing.model_dump(), **changes}, Timing, "timing options")
        protocol = protocol.model_copy(update={"timing": timing})
    return protocol


def _most_of_memory() -> int | None:
    """85% of the machine's memory in bytes; None where the system does not say."""
    try:
        return int(0.85 * os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    except (ValueError, OSError, AttributeError):
        return None
