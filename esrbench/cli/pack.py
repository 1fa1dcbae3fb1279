"""``esrbench pack``: a submission as a folder, and a zip, that need nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from esrbench.cli import options as given


def pack(
    submission: Annotated[
        str, typer.Argument(help="A folder, a .py file, a checkpoint, a repository, or a name.")
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="Where folder and zip are made.")] = Path(
        "packed"
    ),
    onnx: Annotated[bool, typer.Option("--onnx", help="Write the graph as ONNX too.")] = False,
    hand_in: Annotated[
        bool, typer.Option("--zip/--no-zip", help="Put the folder into a zip to hand in, too.")
    ] = True,
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
    from esrbench.judge.machine import resolve_machine
    from esrbench.judge.pack import GRAPHS, LIMIT
    from esrbench.judge.pack import pack as write
    from esrbench.submission.find import find_all
    from esrbench.submission.weights import choose_weights, locate_weights

    choice, checkpoint = given.resolve_weights(weights)
    which = given.which(variant, model_id, model, args)
    machine = resolve_machine(device, threads, time_limit, memory_limit, sandbox=sandbox)
    asked = {"pt2": pt2, "onnx": onnx}
    graphs = tuple(kind for kind in GRAPHS if asked[kind])
    documents = []
    good = True
    for found in find_all(submission, variant=which, scale=scale, checkpoint=checkpoint):
        if found.taken_for:
            say(f"{submission}: {found.taken_for}")
        chosen = choose_weights(found, choice, weights_dir=weights_dir, offline=offline)
        path = locate_weights(chosen, weights_dir=weights_dir, offline=offline)
        rows = []
        for one in write(chosen, path, out, machine, graphs=graphs, hand_in=hand_in):
            good = good and one.ok
            rows.append({"path": str(one.path), "difference": one.difference, "ok": one.ok})
            if not json:
                verdict = "the same output" if one.ok else f"NOT the same output (limit {LIMIT:g})"
                apart = f"largest difference {one.difference:.2g} of the range"
                print(f"{one.path}: {verdict}, {apart}")
        documents.append({"submission": found.label, "scale": found.scale, "packed": rows})
    if json:
        print_json({"variants": documents} if which == "all" else documents[0])
    raise typer.Exit(0 if good else 1)
