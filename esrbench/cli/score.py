"""``esrbench score``: the main job."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from esrbench.cli import options as given
from esrbench.errors import UsageError
from esrbench.policies import POLICIES

if TYPE_CHECKING:
    from esrbench.data.entry import DatasetEntry
    from esrbench.engines.plan import Plan
    from esrbench.judge.bench import Bench
    from esrbench.results.record import RunRecord


def score(
    submissions: Annotated[
        list[str] | None,
        typer.Argument(help="Folders, files, repositories, or names such as span."),
    ] = None,
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
    verify: given.Verify = True,
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
    with_references: Annotated[
        bool,
        typer.Option(
            "--with-references", help="Measure the bundled systems as well: their runtimes here."
        ),
    ] = False,
    jobs: given.Jobs = None,
    engine: given.Engine = None,
    address: given.Address = None,
    ship_data: given.ShipData = False,
    allow_mixed: given.AllowMixed = False,
    wait_for_nodes: given.WaitForNodes = 600.0,
    order: Annotated[
        str, typer.Option("--order", help="given, or short: small checkpoints first.")
    ] = "given",
    shard: Annotated[
        str | None, typer.Option("--shard", help="I/N: every N-th only, as in a Slurm array.")
    ] = None,
    architecture: Annotated[
        str | None,
        typer.Option("--as", help="SUBMISSIONS are checkpoints (or globs) of this one: a sweep."),
    ] = None,
    group_by: Annotated[
        str | None,
        typer.Option("--group-by", help="Of a sweep: run (its folder), or a regex with a group."),
    ] = None,
    step_from: Annotated[
        str | None,
        typer.Option("--step-from", help=r"Of a sweep: regex for the step, 'ckpt_(\d+)'."),
    ] = None,
    choose: Annotated[
        str | None,
        typer.Option("--choose", help="A run's row: best, last or best:METRIC:DATASET."),
    ] = None,
    watch: Annotated[
        Path | None, typer.Option("--watch", help="Of a sweep: score what comes into this folder.")
    ] = None,
    watch_for: Annotated[
        float | None,
        typer.Option("--watch-for", min=0.0, help="End when nothing came for so many seconds."),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on where a command ended: what any command does.")
    ] = False,
    events: given.Events = None,
    json: given.Json = False,
) -> None:
    """Measure submissions: quality, params, MACs, activations, memory, runtime."""
    from esrbench.cli.ended import ended
    from esrbench.cli.engine import OnCluster
    from esrbench.cli.engine import engine as engine_named
    from esrbench.cli.summary import summary
    from esrbench.cli.sweep import Asked, checked, line, swept
    from esrbench.cli.terminal import TerminalProgress, say
    from esrbench.data.catalogue import load_catalogue
    from esrbench.engines.plan import parse_shard, plan
    from esrbench.engines.run import run_here, run_with
    from esrbench.judge.bench import Bench
    from esrbench.judge.machine import resolve_machine
    from esrbench.judge.options import Options
    from esrbench.protocol.load import resolve_protocol
    from esrbench.results.store import ResultsStore

    asked = Asked(group_by, step_from, choose, watch, watch_for)
    submissions = submissions or []
    others = (jobs, engine, shard, weights, revises)
    checked(
        asked, architecture, timing=timing,
        others=any(one is not None for one in others) or order != "given" or with_references,
    )  # fmt: skip
    if not submissions and watch is None:
        raise UsageError("Name a submission: a folder, a file, a repository, or one such as span.")
    catalogue = load_catalogue(datasets)
    if protocol == "quick" and not dataset:
        dataset = _quick_sets(scale, data_root, catalogue)
    choice, checkpoint = given.resolve_weights(weights)
    if checkpoint is not None and len(submissions) > 1:
        raise UsageError("--weights FILE is for one submission; name one.")
    which = given.which(variant, model_id, model, args)
    options = Options(
        protocol=resolve_protocol(
            protocol, datasets=dataset, max_seconds=max_seconds, policy=policy, shapes=shape
        ),
        catalogue=catalogue,
        machine=resolve_machine(device, threads, time_limit, memory_limit, track, sandbox=sandbox),
        results=results,
        data_root=data_root,
        weights_dir=weights_dir,
        weights=choice,
        offline=offline,
        timing=timing,
        verify=verify and architecture is None,
        pictures=tuple(pictures) if pictures else ("none",) if architecture else None,
        again=again,
        again_failed=again_failed,
        revises=revises,
        command=shlex.join(["esrbench", *sys.argv[1:]]),
        progress=TerminalProgress(lines=True),
        say=say,
    )
    del resume  # a record, or half of one, is never measured twice

    def show(record: RunRecord) -> None:
        if not json:
            print(summary(record, ResultsStore(results).file_of(record)))

    if architecture is not None:
        from esrbench.engines.sweep import Architecture

        with Bench(options) as bench:
            bench.store.ensure_writable()
            of = Architecture(architecture, which, scale)
            ran = swept(submissions, of, asked, bench, lambda r: None if json else print(line(r)))
            if not json:
                _end(ran.records, bench)
        raise typer.Exit(ended(ran, json=json))
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

    if with_references:
        planned = _and_references(planned, scale)

    with Bench(options) as bench:
        bench.store.ensure_writable()
        if jobs is None and events is None and engine is None:
            ran = run_here(planned.jobs, bench, show)
        else:
            cluster = OnCluster(address, ship_data, allow_mixed, wait_for_nodes)
            engines = engine_named(engine, jobs, options.machine.threads, cluster)
            ran = run_with(engines, planned.jobs, bench, events=events, heard=show)
        if not json:
            _end(ran.records, bench)
    raise typer.Exit(ended(ran, planned.faults, json=json))


def _quick_sets(
    scale: int | None, data_root: Path | None, catalogue: dict[str, DatasetEntry]
) -> list[str] | None:
    """The built-in photographs and Set5 where that is at hand; None leaves the protocol's own."""
    from esrbench.data.dataset import open_dataset
    from esrbench.errors import EsrbenchError
    from esrbench.protocol.load import resolve_protocol

    try:
        open_dataset("Set5", scale or 4, data_root=data_root, catalogue=catalogue)
    except EsrbenchError:
        return None
    return [*resolve_protocol("quick").datasets, "Set5"]


def _and_references(planned: Plan, scale: int | None) -> Plan:
    """``planned`` and every bundled system that figures come with, at the scale in question."""
    from esrbench.engines.plan import plan
    from esrbench.results.references import load_references

    wanted = scale or next((job.submission().scale for job in planned.jobs), 4)
    given_already = {job.label for job in planned.jobs}
    names = {r.own_label: None for r in load_references() if r.scale == wanted}
    more = plan([n for n in names if n not in given_already], scale=wanted, order="short")
    start = len(planned.jobs)
    jobs = [replace(job, number=start + i) for i, job in enumerate(more.jobs)]
    return replace(planned, jobs=(*planned.jobs, *jobs))


def _end(records: Sequence[RunRecord], bench: Bench) -> None:
    """Where the records stand, and what a paper needs next."""
    from esrbench.cli.standing import standings, what_next

    for sentence in standings(records, bench.store.latest(in_brief=True)):
        print(sentence)
    following = what_next(records[-1], bench) if records else None
    if following:
        print(following)


def _order(text: str) -> Literal["given", "short"]:
    if text not in {"given", "short"}:
        raise UsageError(f"--order {text}: use given or short.")
    return "short" if text == "short" else "given"
