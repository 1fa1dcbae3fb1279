"""``esrbench check``: does it fit the interface?"""

from __future__ import annotations

from typing import Annotated

import typer

from esrbench.cli import options as given


def check(
    submission: Annotated[str, typer.Argument(help="A folder, a .py file, or a name.")],
    variant: given.Variant = None,
    model: given.Model = None,
    args: given.Args = None,
    scale: given.Scale = None,
    device: given.Device = "auto",
    weights_dir: given.WeightsDir = None,
    weights: given.Weights = None,
    offline: given.Offline = False,
    threads: given.Threads = 0,
    time_limit: given.TimeLimit = 120.0,
    memory_limit: given.MemoryLimit = None,
    sandbox: given.Sandbox = None,
    json: given.Json = False,
) -> None:
    """Load it, run it on small images, and say in a sentence each what is wrong."""
    from dataclasses import asdict

    from esrbench.cli.terminal import print_json
    from esrbench.judge.check import check as ask

    choice, checkpoint = given.resolve_weights(weights)
    machine = given.resolve_machine(device, threads, time_limit, memory_limit, sandbox=sandbox)
    answers = []
    for answer in ask(
        submission,
        machine,
        variant=given.which(variant, None, model, args),
        scale=scale,
        weights_dir=weights_dir,
        weights=choice,
        checkpoint=checkpoint,
        offline=offline,
    ):
        answers.append(answer)
        if not json:
            print(f"  {'ok ' if answer.ok else 'NO '} {answer.question:<26} {answer.sentence}")
    failed = [answer for answer in answers if not answer.ok]
    if json:
        document = {
            "submission": submission,
            "ok": not failed,
            "answers": [asdict(answer) for answer in answers],
        }
        print_json(document)
    elif not failed:
        print(f"It fits. Next: esrbench score {submission}")
    raise typer.Exit(1 if failed else 0)
