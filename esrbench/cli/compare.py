"""``esrbench compare``: which is faster, and how sure are we."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from esrbench.cli import options as given
from esrbench.errors import UsageError

Twice = Annotated[
    list[str] | None,
    typer.Option(help="Of the first; given again: of the second. `-` for neither."),
]


def compare(
    first: Annotated[str, typer.Argument(help="A folder, a file, a repository, or a name.")],
    second: Annotated[str, typer.Argument(help="What it is compared with.")],
    shape: Annotated[str, typer.Option("--shape", help="LR height x width.")] = "256x256",
    variant: Twice = None,
    model_id: Twice = None,
    model: Twice = None,
    args: Twice = None,
    weights: Twice = None,
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
    from esrbench.judge.machine import resolve_machine
    from esrbench.protocol.schema import Timing, parse_shape
    from esrbench.submission.find import find

    try:
        parse_shape(shape)
    except ValueError as why:
        raise UsageError(f"--shape: {why}.") from None
    options = {"--variant": variant, "--model-id": model_id, "--model": model, "--args": args}
    picks = [_each(name, texts) for name, texts in options.items()]
    files = _each("--weights", weights)
    chosen = [
        find(
            path,
            variant=given.which(*(pick[place] for pick in picks)),
            scale=scale,
            checkpoint=Path(file) if file else None,
        )
        for place, (path, file) in enumerate(zip((first, second), files, strict=True))
    ]
    progress = TerminalProgress()
    try:
        comparison = compare_submissions(
            chosen[0],
            chosen[1],
            shape=shape,
            timing=Timing(max_seconds=max_seconds, target_interval=interval),
            machine=resolve_machine(
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


def _each(name: str, texts: list[str] | None) -> tuple[str | None, str | None]:
    """What an option says of the first and of the second; raises UsageError for a third."""
    said = [None if text == "-" else text for text in texts or ()]
    if len(said) > 2:
        raise UsageError(f"{name} is given {len(said)} times, for two submissions.")
    first, second = (*said, None, None)[:2]
    return first, second
