"""``esrbench challenge``: a whole challenge, from an empty folder to its published site."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from esrbench.cli import options as given
from esrbench.number_of import number_of

if TYPE_CHECKING:
    from esrbench.challenge.status import Status
    from esrbench.results.record import RunRecord

app = typer.Typer(
    help="Run a whole challenge: rules, teams, scores, reports.", no_args_is_help=True
)

Folder = Annotated[
    Path, typer.Option("--in", help="The challenge's folder.", envvar="ESRBENCH_CHALLENGE")
]
HERE = Path()


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="The new challenge's folder.")],
    protocol: given.ProtocolName = "ntire2026",
    repository: Annotated[
        Path | None,
        typer.Option("--from", help="An NTIRE repository: its select_model names the teams."),
    ] = None,
) -> None:
    """Write challenge.yaml, explained line by line, and the folders beside it."""
    from esrbench.challenge.init import init as write

    file = write(folder, protocol=protocol, repository=repository)
    print(f"{file} is a challenge that works as it stands: read it, and change what is yours. Then")
    print(f"  esrbench challenge add TEAM PATH --in {folder}")
    print(f"  esrbench challenge run --in {folder}")


@app.command()
def add(
    team: Annotated[str, typer.Argument(help="The team's id; a new one is added to the file.")],
    source: Annotated[
        str, typer.Argument(help="A folder, a file, an https address, or a git repository (--at).")
    ],
    folder: Folder = HERE,
    at: Annotated[str | None, typer.Option("--at", help="The commit of a git repository.")] = None,
    sha256: Annotated[
        str | None, typer.Option("--sha256", help="Of the file at an https address.")
    ] = None,
    variant: Annotated[
        str | None, typer.Option("--variant", "--model-id", help="The one that takes part.")
    ] = None,
    received: Annotated[
        datetime | None,
        typer.Option("--received", help="When it arrived (UTC); default: now.", show_default=False),
    ] = None,
    check: Annotated[bool, typer.Option("--check/--no-check", help="Try whether it fits.")] = True,
    weights_dir: given.WeightsDir = None,
) -> None:
    """Take in what a team hands over; every version is kept, with its time."""
    from esrbench.challenge.add import add as take
    from esrbench.cli.terminal import say

    added = take(
        folder,
        team,
        source,
        at=at,
        sha256=sha256,
        variant=variant,
        received=received,
        check=check,
        weights_dir=weights_dir,
    )
    for line in added.answers:
        say(line)
    late = ", late" if added.late else ""
    what = f"version {added.number}{late}" if added.new else "handed in already"
    print(f"{team}: {what}, sha256 {added.sha256[:12]}, kept in {added.path}")
    raise typer.Exit(0 if added.fits else 1)


@app.command()
def status(
    folder: Folder = HERE,
    page: Annotated[Path | None, typer.Option("--page", help="Write it as HTML, too.")] = None,
    json: given.Json = False,
) -> None:
    """Where every team stands in every track."""
    from dataclasses import asdict

    from esrbench.challenge.folder import ChallengeFolder
    from esrbench.challenge.journal import rulings
    from esrbench.challenge.status import status as stands
    from esrbench.cli.terminal import print_json
    from esrbench.results.claim import under_way

    here = ChallengeFolder(folder)
    challenge = here.read()
    cells = (cell.partition("/") for cell in under_way(here.store.root))
    running = [(team, track) for team, _, track in cells]
    found = stands(here, challenge, here.store.records(), running)
    if page is not None:
        from esrbench.challenge.status_page import status_page
        from esrbench.report.atomic import write_text

        write_text(page, status_page(challenge, found, rulings(here)))
    if json:
        print_json({"challenge": challenge.name, "cells": [asdict(cell) for cell in found.cells]})
        return
    _print_status(found)
    for ruling in rulings(here)[1:]:
        print(f"Rules changed on {ruling.at[:10]}: {ruling.why}")
    if page is not None:
        print(f"The page is {page}.")


def _print_status(found: Status) -> None:
    from esrbench.challenge.status_page import in_words

    wide = max([len("team"), *(len(cell.team) for cell in found.cells)])
    longest = max([len("track"), *(len(track) for track in found.tracks)])
    print(f"{'team':<{wide}}  {'track':<{longest}}  state")
    for cell in found.cells:
        late = " (late)" if cell.late else ""
        reason = f": {cell.reason}" if cell.reason else ""
        print(f"{cell.team:<{wide}}  {cell.track:<{longest}}  {cell.state}{late}{reason}")
    states = ", ".join(f"{count} {state}" for state, count in found.counts.items())
    left = in_words(found.seconds_left())
    time = f"; about {left} left" if left else ""
    print(f"{found.done} of {found.to_do} done ({states or 'no team yet'}){time}")


@app.command()
def codabench(
    folder: Folder = HERE,
    out: Annotated[Path, typer.Option("--out", "-o", help="The zip to write.")] = Path(
        "bundle.zip"
    ),
    docker_image: Annotated[
        str | None, typer.Option("--docker-image", help="Where workers get esrbench from.")
    ] = None,
    code: Annotated[
        bool, typer.Option("--code", help="Participants send their code, not SR images.")
    ] = False,
    data_root: given.DataRoot = None,
) -> None:
    """Write the challenge as a Codabench bundle that scores result images, or code (--code)."""
    from esrbench.challenge.codabench.bundle import write_bundle

    written = write_bundle(folder, out, data_root=data_root, docker_image=docker_image, code=code)
    print(f"{written} is a bundle of version 2 ({written.stat().st_size / 2**20:.1f} MiB).")
    print("Build and push the image first: docker/codabench/Dockerfile says how.")


@app.command()
def publish(
    folder: Folder = HERE,
    to: Annotated[
        Path | None, typer.Option("--to", help="Where; default: FOLDER/published.")
    ] = None,
    final: Annotated[
        bool, typer.Option("--final", help="Test sets too, before the day of publishing.")
    ] = False,
) -> None:
    """Write two reports: all of it for the organisers, what is allowed for everyone."""
    from esrbench.challenge.publish import publish as write

    written = write(folder, to, final=final)
    print(f"{written.organisers} holds everything: keep it to yourselves.")
    print(f"{written.public} may be put on the web.")
    if written.sheets:
        sheets = number_of(len(written.sheets), "sheet")
        print(f"{sheets} in {written.sheets[0].parent}: one for each team.")


@app.command()
def run(
    folder: Folder = HERE,
    team: Annotated[
        list[str] | None, typer.Option("--team", help="Only this team; may be repeated.")
    ] = None,
    track: Annotated[
        list[str] | None, typer.Option("--track", help="Only this track; may be repeated.")
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Measure anew, as after an appeal; old records stay.")
    ] = False,
    timing: Annotated[bool, typer.Option("--timing/--no-timing", help="Measure runtime.")] = True,
    amend: Annotated[
        str | None, typer.Option("--amend", help="Why the rules changed since the first record.")
    ] = None,
    data_root: given.DataRoot = None,
    weights_dir: given.WeightsDir = None,
    threads: given.Threads = 0,
    jobs: given.Jobs = None,
    engine: given.Engine = None,
    address: given.Address = None,
    ship_data: given.ShipData = False,
    allow_mixed: given.AllowMixed = False,
    wait_for_nodes: given.WaitForNodes = 600.0,
    events: given.Events = None,
    json: given.Json = False,
) -> None:
    """Measure every team's standing version in every track that is not measured yet."""
    import shlex
    import sys

    from esrbench.challenge.run import Running
    from esrbench.challenge.run import run as measure
    from esrbench.cli.ended import ended
    from esrbench.cli.engine import OnCluster
    from esrbench.cli.engine import engine as engine_named
    from esrbench.cli.summary import summary
    from esrbench.cli.terminal import TerminalProgress, say
    from esrbench.judge.machine import resolve_machine
    from esrbench.results.store import ResultsStore

    many = jobs is not None or events is not None or engine is not None
    cluster = OnCluster(address, ship_data, allow_mixed, wait_for_nodes)
    running = Running(
        machine=lambda rules, of: resolve_machine(
            of.device, threads, rules.limits.seconds, rules.limits.memory, of.precision
        ),
        engine=engine_named(engine, jobs, threads, cluster) if many else None,
        events=events,
        data_root=data_root,
        weights_dir=weights_dir,
        teams=tuple(team or ()),
        tracks=tuple(track or ()),
        again=again,
        timing=timing,
        amend=amend,
        command=shlex.join(["esrbench", *sys.argv[1:]]),
        progress=TerminalProgress(),
        say=say,
    )
    store = ResultsStore(folder / "results")

    def show(record: RunRecord) -> None:
        if not json:
            print(summary(record, store.path_of(record)))

    raise typer.Exit(ended(measure(folder, running, show), json=json))
