"""``esrbench complexity``: the counts of a submission, without images."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from esrbench.cli import options as given
from esrbench.errors import UsageError

if TYPE_CHECKING:
    from esrbench.judge.machine import Machine
    from esrbench.submission.find import Submission


def complexity(
    submission: Annotated[
        str, typer.Argument(help="A folder, a file, a zip, a repository, or a name such as span.")
    ],
    shape: Annotated[str, typer.Option("--input", help="LR shape.")] = "1x3x256x256",
    variant: given.Variant = None,
    model_id: given.ModelId = None,
    model: given.Model = None,
    args: given.Args = None,
    scale: given.Scale = None,
    device: given.Device = "cpu",
    threads: given.Threads = 0,
    time_limit: given.TimeLimit = 300.0,
    memory_limit: given.MemoryLimit = None,
    sandbox: given.Sandbox = None,
    json: given.Json = False,
) -> None:
    """Count params, MACs, activations and convs; weights are not needed."""
    from esrbench.cli.terminal import print_json, say
    from esrbench.judge.machine import resolve_machine
    from esrbench.protocol.schema import parse_shape
    from esrbench.submission.find import find_all

    try:
        size = parse_shape(shape)
    except ValueError as why:
        raise UsageError(f"--input: {why}.") from None
    which = given.which(variant, model_id, model, args)
    machine = resolve_machine(device, threads, time_limit, memory_limit, sandbox=sandbox)
    documents = []
    for found in find_all(submission, variant=which, scale=scale):
        if found.taken_for:
            say(f"{submission}: {found.taken_for}")
        documents.append(_counted(found, size, machine))
        if not json:
            _print(documents[-1], shape)
    if json:
        print_json({"variants": documents} if which == "all" else documents[0])


def _counted(
    found: Submission, size: tuple[int, int, int, int], machine: Machine
) -> dict[str, Any]:
    """The counts of one variant at one LR size, with what it is."""
    from esrbench.cli.terminal import say
    from esrbench.judge.connection import OutOfMemory
    from esrbench.judge.launch import loaded_runner
    from esrbench.judge.too_large import without_values
    from esrbench.runner.requests import Count

    try:
        with loaded_runner(found, None, machine) as runner:
            counts = runner.ask(Count(shape=size))
    except OutOfMemory as why:
        say(f"{why} It is counted on tensors without values.")
        counts = without_values(partial(loaded_runner, found, None, machine), size, why)
    head = {"submission": found.name, "variant": found.variant, "scale": found.scale}
    return {**head, **counts.model_dump(mode="json"), "facts": counts.facts.present()}


def _print(counts: dict[str, Any], shape: str) -> None:
    label = "/".join(part for part in (counts["submission"], counts["variant"]) if part)
    print(f"{label} x{counts['scale']} at {shape}")
    for key in ("params", "buffers", "constant_elements", "activations", "convs"):
        if counts.get(key) is not None:
            print(f"  {key:<22} {counts[key]:>16,}")
    for key in ("macs_fvcore", "macs_dispatch", "macs_ntire2022", "macs_arm"):
        if counts.get(key) is not None:
            print(f"  {key:<22} {counts[key]:>16,}  ({counts[key] / 1e9:.6f} G)")
    for key in ("unsupported_ops", "opaque_ops", "flags"):
        if counts.get(key):
            print(f"  {key:<22} {', '.join(map(str, counts[key]))}")
    for key, why in counts["missing"].items():
        print(f"  {key:<22} empty: {why}")
