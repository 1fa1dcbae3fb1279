"""``esrbench export``: the leaderboard as a file for something else."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from esrbench.cli import options as given


def export(
    form: Annotated[
        str,
        typer.Option("--format", "-f", help="csv, json, markdown, latex, model-index, parquet."),
    ] = "csv",
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="File; - and the default: standard output."),
    ] = None,
    results: given.Results = given.DEFAULT_RESULTS,
    protocol: Annotated[
        str | None, typer.Option("--protocol", "-p", help="Only this protocol's records.")
    ] = None,
    allow: given.Allow = None,
    json: given.Json = False,
) -> None:
    """The leaderboard as CSV, JSON, Parquet, Markdown, LaTeX, or a Hugging Face model-index."""
    from esrbench.cli.stored import opened
    from esrbench.cli.terminal import print_json
    from esrbench.flags import check_allowed
    from esrbench.leaderboard.selection import select
    from esrbench.report.atomic import STANDARD_OUTPUT, write_bytes
    from esrbench.report.export import export as exported
    from esrbench.report.export import export_bytes

    allowed = check_allowed(allow or [])
    records = select(opened(results).latest(), protocol=protocol)
    if out is not None:
        write_bytes(out, export_bytes(records, form, allowed))
        if json:
            print_json({"file": str(out)})
        elif out != STANDARD_OUTPUT:
            print(f"The table is {out}")
    else:
        text = exported(records, "json" if json else form, allowed)
        print(text, end="" if text.endswith("\n") else "\n")
