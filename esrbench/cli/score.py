"""``esrbench score``: the main job."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from esrbench.cli import options as given
from esrbench.errors import UsageError

if TYPE_CHECKING:
    from esrbench.judge.bench import Bench
    from esrbench.results.record import RunRecord


def score(
    submissions: Annotated[
        list[str], typer.Argument(help="Folders, files, repositories, or names such as span.")
    ],
    variant: given.Variant = None,
    model_id: given.ModelId = None,
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
        str | None, typer.Option("--policy", help="Timing: block, ntire, stream or graph.")
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
    json: given.Json = False,
) -> None:
    """Measure submissions: quality, params, MACs, activations, memory, runtime."""
    from esrbench.cli.summary import summary
    from esrbench.cli.terminal import TerminalProgress, print_json, say
    from esrbench.data.catalogue import load_catalogue
    from esrbench.judge.bench import Bench
    from esrbench.judge.options import Options

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
        weights=weights,
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
    records: list[RunRecord] = []
    faults: list[str] = []
    with Bench(options) as bench:
        bench.store.ensure_writable()
        for path in submissions:
            try:
                for record in _score_one(path, model_id or variant, scale, bench):
                    records.append(record)
                    if not json:
                        print(summary(record, bench.store.path_of(record)))
            except UsageError as why:
                if len(submissions) == 1:
                    raise
                faults.append(str(why))
                say(f"esrbench: {why}")
    if json:
        document = {"records": [record.model_dump(mode="json") for record in records]}
        print_json({**document, "errors": faults} if faults else document)
    raise typer.Exit(2 if faults else _exit_code(records))


def _score_one(
    path: str, variant: str | None, scale: int | None, bench: Bench
) -> Iterator[RunRecord]:
    """One record a variant; a submission that cannot be read ends as a rejected row."""
    from esrbench.errors import SubmissionError
    from esrbench.judge.score import reject
    from esrbench.judge.score import score as score_submission
    from esrbench.submission.find import find, list_variants

    try:
        names = list_variants(path) if variant == "all" else [variant]
        found = [find(path, variant=name, scale=scale) for name in names]
    except SubmissionError as why:
        yield reject(path, scale or bench.options.protocol.scale, why, bench)
        return
    for submission in found:
        yield score_submission(submission, bench)


def _exit_code(records: list[RunRecord]) -> int:
    """1 for a submission that was rejected or failed, 3 where its weights are not to be had."""
    if any(record.status != "ok" for record in records):
        return 1
    return 3 if any(record.weights_status == "missing" for record in records) else 0
