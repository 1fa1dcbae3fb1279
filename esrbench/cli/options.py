"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from esrbench.errors import UsageError
from esrbench.sandbox.tiers import Tier
from esrbench.tracks import TRACKS

if TYPE_CHECKING:
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
    typer.Option(
        "--memory-limit", min=0.1, help="GiB a submission may hold; default 85% of what is free."
    ),
]

Verify = Annotated[
    bool,
    typer.Option(
        "--verify/--no-verify",
        help="Score the exported graph where none of the submission's code is; what has no graph "
        "is `claimed` and ranked apart.",
    ),
]
Sandbox = Annotated[
    Tier | None,
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


DEFAULT_RESULTS = Path("reports/results")
