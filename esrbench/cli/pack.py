"""``esrbench pack``: a submission as a folder that needs nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from esrbench.cli import options as given


def pack(
    submission: Annotated[
        str, typer.Argument(help="A folder, a .py file, a checkpoint, a repository, or a name.")
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="Where the folder is made.")] = Path(
        "packed"
    ),
    onnx: Annotated[bool, typer.Option("--onnx", help="Write the graph as ONNX too.")] = False,
    pt2: Annotated[bool, typer.Option("--pt2", help="Write the graph as .pt2 too.")] = False,
    variant: given.Variant = None,
    model_id: given.ModelId = None,
    model: given.Model = None,
    args: given.Args = None,
    scale: given.Scale = None,
    weights_dir: given.WeightsDir = None,
    weights: given.Weights = None,
    offline: given.Offline = False,
    device: given.Device = "cpu",
    threads: given.Threads = 0,
    time_limit: given.TimeLimit = 600.0,
    memory_limit: given.MemoryLimit = None,
    sandbox: given.Sandbox = None,
    json: given.Json = False,
) -> None:
    """Write source, manifest and safetensors weights, load them again and compare the outputs."""
    from esrbench.cli.terminal import print_json, say
    from esrbench.judge.pack import GRAPHS, LIMIT
    from esrbench.judge.pack import pack as write
    from esrbench.submission.find import find
    from esrbench.submission.weights import choose_weights, locate_weights

    choice, checkpoint = given.resolve_weights(weights)
    which = given.which(variant, model_id, model, args)
    found = find(submission, variant=which, scale=scale, checkpoint=checkpoint)
    if choice is not None:
        found = choose_weights(found, choice, weights_dir=weights_dir, offline=offline)
    if found.taken_for:
        say(f"{submission}: {found.taken_for}")
    path = locate_weights(found, weights_dir=weights_dir, offline=offline)
    machine = given.resolve_machine(device, threads, time_limit, memory_limit, sandbox=sandbox)
    graphs = tuple(kind for kind, asked in zip(GRAPHS, (pt2, onnx), strict=True) if asked)
    packed = []
    for one in write(found, path, out, machine, graphs=graphs):
        packed.append(one)
        if not json:
            verdict = "the same output" if one.ok else f"NOT the same output (limit {LIMIT:g})"
            print(f"{one.path}: {verdict}, largest difference {one.difference:.2g} of the range")
    if json:
        rows = [{"path": str(p.path), "difference": p.difference, "ok": p.ok} for p in packed]
        print_json({"submission": found.label, "scale": found.scale, "packed": rows})
    raise typer.Exit(0 if all(one.ok for one in packed) else 1)
