"""``esrbench compare``: which is faster, and how sure are we."""

from __future__ import annotations

from typing import Annotated

import typer

from esrbench.cli import options as given
from esrbench.errors import UsageError


def compare(
    first: Annotated[str, typer.Argument(help="A folder, a .py file, or a name.")],
    second: Annotated[str, typer.Argument(help="What it is compared with.")],
    shape: Annotated[str, typer.Option("--shape", help="LR height x width.")] = "256x256",
    scale: given.Scale = None,
    processes: Annotated[
        int,
        typer.Option("--processes", min=1, max=50, help="Fresh ones of each, in turn."),
    ] = 3,
    max_seconds: Annotated[
        float,
        typer.Option("--max-seconds", min=0.1, help="Of measuring, warm-ups included."),
    ] = 20.0,
    interval: Annotated[
        float, typer.Option("--interval", min=1e-5, help="Stop at this relative half width.")
    ] = 0.01,
    device: given.Device = "auto",
    track: given.Track = None,
    weights_dir: given.WeightsDir = None,
    threads: given.Threads = 0,
    time_limit: given.TimeLimit = 600.0,
    memory_limit: given.MemoryLimit = None,
    sandbox: given.Sandbox = None,
    json: given.Json = False,
) -> None:
    """Time two submissions in turn, A B B A, and give the ratio with its 95% interval."""
    from dataclasses import asdict

    from esrbench.cli.terminal import TerminalProgress, print_json, say
    from esrbench.judge.compare import compare_submissions
    from esrbench.protocol.schema import Timing, parse_shape
    from esrbench.submission.find import find

    try:
        parse_shape(shape)
    except ValueError as why:
        raise UsageError(f"--shape: {why}.") from None
    progress = TerminalProgress()
    try:
        comparison = compare_submissions(
            find(first, scale=scale),
            find(second, scale=scale),
            shape=shape,
            timing=Timing(max_seconds=max_seconds, target_interval=interval),
            machine=given.resolve_machine(
                device, threads, time_limit, memory_limit, track, sandbox=sandbox
            ),
            weights_dir=weights_dir,
            processes=processes,
            progress=progress,
            say=say,
        )
    finally:
        progress.end()
    if json:
        document = {key: value for key, value in asdict(comparison).items() if key != "runs"}
        print_json({**document, "verdict": comparison.verdict.value})
    else:
        print(comparison.sentence())
        if comparison.flags:
            print(f"flags: {', '.join(comparison.flags)}")
