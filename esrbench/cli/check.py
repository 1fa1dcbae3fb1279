"""``esrbench check``: does it fit the interface?"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Annotated, Any

import typer

from esrbench.cli import options as given

if TYPE_CHECKING:
    from esrbench.judge.check import Answer


def check(
    submission: Annotated[
        str, typer.Argument(help="A folder, a file, a zip, a repository, or a name such as span.")
    ],
    variant: given.Variant = None,
    model_id: given.ModelId = None,
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
    from esrbench.cli.terminal import print_json
    from esrbench.judge.check import check_all
    from esrbench.judge.machine import resolve_machine

    choice, checkpoint = given.resolve_weights(weights)
    machine = resolve_machine(device, threads, time_limit, memory_limit, sandbox=sandbox)
    which = given.which(variant, model_id, model, args)
    answers: dict[str | None, list[Answer]] = {}
    for name, answer in check_all(
        submission,
        machine,
        variant=which,
        scale=scale,
        weights_dir=weights_dir,
        weights=choice,
        checkpoint=checkpoint,
        offline=offline,
    ):
        if not json:
            if name not in answers and which == "all":
                print(f"{submission}, {name}:" if name else f"{submission}:")
            print(f"  {'ok ' if answer.ok else 'NO '} {answer.question:<26} {answer.sentence}")
        answers.setdefault(name, []).append(answer)
    good = all(answer.ok for asked in answers.values() for answer in asked)
    if json:
        print_json(_document(submission, answers, several=which == "all"))
    elif good:
        chosen = {
            "--variant": variant,
            "--model-id": model_id,
            "--model": model,
            "--args": args,
            "--weights": weights,
            "--scale": scale,
        }
        words = [word for name, value in chosen.items() if value for word in (name, str(value))]
        print(f"It fits. Next: {shlex.join(['esrbench', 'score', submission, *words])}")
    raise typer.Exit(0 if good else 1)


def _document(
    submission: str, answers: dict[str | None, list[Answer]], *, several: bool
) -> dict[str, Any]:
    from dataclasses import asdict

    parts = [
        {"variant": name, "ok": all(a.ok for a in asked), "answers": [asdict(a) for a in asked]}
        for name, asked in answers.items()
    ]
    good = all(part["ok"] for part in parts)
    if several:
        return {"submission": submission, "ok": good, "variants": parts}
    return {"submission": submission, "ok": good, "answers": parts[0]["answers"] if parts else []}
