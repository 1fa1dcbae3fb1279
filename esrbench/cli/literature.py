"""``esrbench literature``: published figures to show beside measured ones."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from esrbench.cli import options as given

app = typer.Typer(help="Published figures: list, add.", no_args_is_help=True)


@app.command("list")
def list_command(results: given.Results = given.DEFAULT_RESULTS, json: given.Json = False) -> None:
    """Every entry: what is printed where, and what was looked for and not found."""
    from esrbench.cli.terminal import print_json
    from esrbench.literature.of_submissions import everything

    found = everything(results)
    if json:
        print_json({"entries": [entry.model_dump(exclude_none=True) for entry in found]})
        return
    for entry in found:
        scales = " ".join(f"x{scale}" for scale in sorted(entry.figures))
        print(f"{entry.name:<24} {scales:<10} {entry.not_found or entry.whence}")


@app.command()
def add(
    file: Annotated[Path, typer.Argument(help="A YAML file: docs/literature.md shows one.")],
    results: given.Results = given.DEFAULT_RESULTS,
    json: given.Json = False,
) -> None:
    """Keep published figures beside the records, for report, plot and export --literature."""
    from esrbench.cli.terminal import print_json
    from esrbench.literature.shelf import add as kept

    entry, path = kept(file, results)
    if json:
        print_json({"name": entry.name, "file": str(path)})
    else:
        print(f"{entry.name} is kept in {path}; report, plot and export show it with --literature.")
