"""The commands, one file each; a new one is a file and a row here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from esrbench import __version__
from esrbench.cli import (
    challenge,
    check,
    compare,
    complexity,
    datasets,
    demo,
    doctor,
    export,
    import_ntire,
    literature,
    merge,
    metrics,
    new,
    pack,
    plot,
    report,
    results,
    score,
    show,
)
from esrbench.cli.examples import put_examples

app = typer.Typer(
    name="esrbench",
    help="Benchmark efficient super-resolution: quality, cost and runtime that can be believed.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

COMMANDS: dict[str, Callable[..., None]] = {
    "new": new.new,
    "check": check.check,
    "score": score.score,
    "compare": compare.compare,
    "report": report.report,
    "plot": plot.plot,
    "export": export.export,
    "show": show.show,
    "import-ntire-results": import_ntire.import_ntire,
    "merge": merge.merge,
    "pack": pack.pack,
    "metrics": metrics.metrics,
    "complexity": complexity.complexity,
    "doctor": doctor.doctor,
    "demo": demo.demo,
}
for name, command in COMMANDS.items():
    app.command(name)(command)
app.add_typer(datasets.app, name="datasets")
app.add_typer(challenge.app, name="challenge")
app.add_typer(results.app, name="results")
app.add_typer(literature.app, name="literature")
put_examples(app)


def _version(asked: bool) -> None:
    if asked:
        print(__version__)
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version.")
    ] = False,
) -> None:
    """Efficient super-resolution, measured."""
