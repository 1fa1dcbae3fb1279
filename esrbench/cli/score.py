"""``esrbench score``: the main job."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from esrbench.cli import options as given
from esrbench.errors import UsageError
from esrbench.policies import POLICIES

if TYPE_CHECKING:
    from esrbench.engines.plan import Job
    from esrbench.engines.run import Ran
    from esrbench.judge.bench import Bench
    from esrbench.results.record import RunRecord

LEFT_OPEN = 4
"""The exit code where submissions wait to be measured by the next command."""


def score(
    submissions: Annotated[
        list[str], typer.Argument(help="Folders, files, repositories, or names such as span.")
    ],
    variant: given.Variant = None,
    model_id: given.ModelId = None,
    model: given.Model = None,
    args: given.Args = None,
    scale: given.Scale = None,
    protocol: given.ProtocolName = "quick",
    dataset: Annotated[
        list[str] | None, typer.Option("--dataset", "-d", help="Instead of the protocol's sets.")
    ] = None,
    device: given.Device = "auto",
    track: given.Track = None,
    results: given.Results = given.DEFAULT_RESULTS,
    data_root: given.DataRoot = None,
    weights_dir: given.WeightsDir = None,
    weights: given.Weights = None,
    datasets: given.Datasets = None,
    offline: given.Offline = False,
    threads: given.Threads = 0,
    time_limit: given.TimeLimit = 600.0,
    memory_limit: given.MemoryLimit = None,
    sandbox: given.Sandbox = None,
    max_seconds: Annotated[
        float | None, typer.Option("--max-seconds", min=0.1, help="Time for timing, a shape.")
    ] = None,
    shape: Annotated[
        list[str] | None,
        typer.Option(
            "--shape",
            help="LR HxW to time at, or a dataset for its own sizes; the first is ranked.",
        ),
    ] = None,
    policy: Annotated[
        str | None, typer.Option("--policy", help=f"Timing: {', '.join(POLICIES)}.")
    ] = None,
    timing: Annotated[bool, typer.Option("--timing/--no-timing", help="Measure runtime.")] = True,
    pictures: Annotated[
        list[str] | None,
        typer.Option("--pictures", help="Keep crops of these datasets only; `none` for none."),
    ] = None,
    again: Annotated[
        bool,
        typer.Option(
            "--again", help="Measure what was measured already; `--again failed`: what failed."
        ),
    ] = False,
    again_failed: Annotated[bool, typer.Option("--again-failed", hidden=True)] = False,
    revises: Annotated[
        str | None,
        typer.Option(
            "--revises", help="Name or record id of the submission whose row this one takes."
        ),
    ] = None,
    jobs: Annotated[
        str | None,
        typer.Option(
            "--jobs",
            "-j",
            help="Workers side by side, or auto; runtimes are measured alone all the same.",
        ),
    ] = None,
    order: Annotated[
        str, typer.Option("--order", help="given, or short: small checkpoints first.")
    ] = "given",
    shard: Annotated[
        str | None, typer.Option("--shard", help="I/N: every N-th only, as in a Slurm array.")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on where a command ended: what any command does.")
    ] = False,
    events: Annotated[
        Path | None, typer.Option("--events", help="Append what happens to FILE, as JSON lines.")
    ] = None,
    json: given.Json = False,
) -> None:
    """Measure submissions: quality, params, MACs, activations, memory, runtime."""
    from esrbench.cli.summary import summary
    from esrbench.cli.terminal import TerminalProgress, print_json, say
    from esrbench.data.catalogue import load_catalogue
    from esrbench.engines.plan import parse_shard, plan
    from esrbench.engines.run import run
    from esrbench.judge.bench import Bench
    from esrbench.judge.options import Options
    from esrbench.results.store import ResultsStore

    choice, checkpoint = given.resolve_weights(weights)
    if checkpoint is not None and len(submissions) > 1:
        raise UsageError("--weights FILE is for one submission; name one.")
    which = given.which(variant, model_id, model, args)
    options = Options(
        protocol=given.resolve_protocol(
            protocol, datasets=dataset, max_seconds=max_seconds, policy=policy, shapes=shape
        ),
        catalogue=load_catalogue(datasets),
        machine=given.resolve_machine(
            device, threads, time_limit, memory_limit, track, sandbox=sandbox
        ),
        results=results,
        data_root=data_root,
        weights_dir=weights_dir,
        weights=choice,
        offline=offline,
        timing=timing,
        pictures=tuple(pictures) if pictures else None,
        again=again,
        again_failed=again_failed,
        revises=revises,
        command=shlex.join(["esrbench", *sys.argv[1:]]),
        progress=TerminalProgress(),
        say=say,
    )
    del resume  # a record, or half of one, is never measured twice
    planned = plan(
        submissions,
        variant=which,
        scale=scale,
        checkpoint=checkpoint,
        shard=parse_shard(shard) if shard else None,
        order=_order(order),
    )
    if planned.offered and len(submissions) == 1 and not json:
        print(planned.offered)
        raise typer.Exit
    if planned.faults and len(submissions) == 1:
        raise UsageError(planned.faults[0])
    for fault in planned.faults:
        say(f"esrbench: {fault}")

    def show(record: RunRecord) -> None:
        if not json:
            print(summary(record, ResultsStore(results).path_of(record)))

    with Bench(options) as bench:
        bench.store.ensure_writable()
        if jobs is None and events is None:
            ran = _one_by_one(planned.jobs, bench, show)
        else:
            workers = _workers(jobs or "1", options.machine.threads)
            ran = run(planned.jobs, bench, workers=workers, events=events, heard=show)
    errors = [*planned.faults, *(text for text, _ in ran.errors)]
    if json:
        document = {"records": [record.model_dump(mode="json") for record in ran.records]}
        print_json({**document, "errors": errors} if errors else document)
    for text, _ in ran.errors:
        say(f"esrbench: {text}")
    if ran.left_open:
        say(
            f"Left open: {', '.join(job.label for job in ran.left_open)}; the same command goes on."
        )
    codes = [2] * bool(planned.faults) + [code for _, code in ran.errors]
    raise typer.Exit(max(codes, default=LEFT_OPEN if ran.left_open else _exit_code(ran.records)))


def _one_by_one(jobs: Sequence[Job], bench: Bench, show: Callable[[RunRecord], None]) -> Ran:
    """Without workers: in this process, one after the other; what is wrong here ends it."""
    from esrbench.engines.run import Ran
    from esrbench.errors import SubmissionError
    from esrbench.judge.score import reject, score

    ran = Ran()
    for job in jobs:
        try:
            record = score(job.submission(), bench)
        except SubmissionError as why:
            record = reject(job.path, job.scale or bench.options.protocol.scale, why, bench)
        ran.records.append(record)
        show(record)
    return ran


def _order(text: str) -> Literal["given", "short"]:
    if text not in {"given", "short"}:
        raise UsageError(f"--order {text}: use given or short.")
    return "short" if text == "short" else "given"


def _workers(text: str, threads: int) -> int:
    """The number of workers; ``auto`` for as many as have ``threads`` cores each."""
    from esrbench.timing.threads import usable_cores

    if text == "auto":
        return max(1, len(usable_cores()) // threads)
    if not text.isdigit() or not 1 <= int(text) <= 1024:
        raise UsageError(f"--jobs {text}: give a number from 1 on, or auto.")
    return int(text)


def _exit_code(records: list[RunRecord]) -> int:
    """1 for a submission that was rejected or failed, 3 where its weights are not to be had."""
    if any(record.status != "ok" for record in records):
        return 1
    return 3 if any(record.weights_status == "missing" for record in records) else 0
