"""``esrbench export``: the leaderboard as a file for something else."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from esrbench.cli import options as given
from esrbench.errors import UsageError


def export(
    form: Annotated[
        str,
        typer.Option(
            "--format", "-f", help="csv, json, markdown, latex, bibtex, model-index, parquet."
        ),
    ] = "csv",
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="File; - and the default: standard output."),
    ] = None,
    results: given.Results = given.DEFAULT_RESULTS,
    protocol: Annotated[
        str | None, typer.Option("--protocol", "-p", help="Only this protocol's records.")
    ] = None,
    columns: Annotated[
        str | None,
        typer.Option("--columns", help="For a paper's LaTeX: params,macs,runtime,Set5,Set14."),
    ] = None,
    rows: Annotated[
        str | None,
        typer.Option(
            "--rows",
            help="Only these names, with commas; in a paper's LaTeX they stand in this order.",
        ),
    ] = None,
    ours: Annotated[
        str | None, typer.Option("--ours", help="For a paper's LaTeX: the row that is yours.")
    ] = None,
    style: Annotated[
        Literal["psnr/ssim", "psnr", "plain"] | None,
        typer.Option("--style", help="For a paper's LaTeX: what a dataset's cell holds."),
    ] = None,
    references: given.References = True,
    literature: given.Literature = False,
    allow: given.Allow = None,
    json: given.Json = False,
) -> None:
    """The leaderboard as CSV, JSON, Parquet, Markdown, LaTeX, BibTeX, or a model-index block.

    With --columns, --rows, --ours or --style the LaTeX is the table a paper prints.
    """
    from esrbench.cli.stored import opened
    from esrbench.cli.terminal import print_json
    from esrbench.flags import check_allowed
    from esrbench.leaderboard.literature import with_literature
    from esrbench.leaderboard.references import with_references
    from esrbench.leaderboard.selection import select
    from esrbench.leaderboard.table import build_tables
    from esrbench.literature.of_submissions import everything
    from esrbench.report.atomic import is_standard_output, write_bytes
    from esrbench.report.export import export as exported
    from esrbench.report.export import export_bytes
    from esrbench.report.formats.paper import Paper, to_paper

    allowed = check_allowed(allow or [])
    records = select(opened(results).latest(), protocol=protocol)
    records = with_references(records) if references else records
    records = with_literature(records, everything(results)) if literature else records
    if not records:
        raise UsageError("There are no records to export; `esrbench score` adds one.")
    paper = None
    asked = any(option is not None for option in (columns, ours, style))
    if asked and form != "latex":
        raise UsageError("--columns, --ours and --style are for --format latex.")
    if form == "latex" and (asked or rows is not None):
        paper = Paper(_words(columns), _words(rows), ours, style or "psnr/ssim")
    if paper:
        data = to_paper(build_tables(records, allowed), paper).encode()
    elif out is None:
        data = exported(records, "json" if json else form, allowed, _words(rows)).encode()
    else:
        data = export_bytes(records, form, allowed, _words(rows))
    if not data.strip():
        raise UsageError(f"None of these rows has figures for {form}; --format csv says why.")
    if out is None:
        print(data.decode().removesuffix("\n"))
        return
    write_bytes(out, data)
    if json:
        print_json({"file": str(out)})
    elif not is_standard_output(out):
        print(f"The table is {out}")


def _words(text: str | None) -> tuple[str, ...]:
    """The parts of ``a,b,c``."""
    return tuple(part.strip() for part in (text or "").split(",") if part.strip())
