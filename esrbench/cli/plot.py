"""``esrbench plot``: a trade-off plot for a paper."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from esrbench.cli import options as given
from esrbench.errors import UsageError
from esrbench.quantities import costs, metrics

if TYPE_CHECKING:
    from esrbench.report.plots.style import Style


def plot(
    x: Annotated[
        str,
        typer.Option("--x", help=f"A cost: {', '.join(costs.words())}; or step, of training."),
    ] = "runtime",
    y: Annotated[
        str, typer.Option("--y", help=f"A metric: {', '.join(metrics.words())}; psnr:Set5 on one.")
    ] = "psnr",
    kind: Annotated[
        str, typer.Option("--kind", help="pareto, bar, curve, heatmap or steps.")
    ] = "pareto",
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="File: .png, .svg, .pdf; - for a PNG on standard output."),
    ] = None,
    results: given.Results = given.DEFAULT_RESULTS,
    protocol: Annotated[
        str | None, typer.Option("--protocol", "-p", help="Only this protocol's records.")
    ] = None,
    dataset: Annotated[
        str | None, typer.Option("--dataset", "-d", help="Whose quality; default: the first.")
    ] = None,
    bubble: Annotated[
        str | None, typer.Option("--bubble", help="What the size of a point shows.")
    ] = None,
    highlight: Annotated[
        list[str] | None, typer.Option("--highlight", help="Submissions to bring out.")
    ] = None,
    group: Annotated[
        list[str] | None,
        typer.Option("--group", help="Of steps: run, a line for each (as it is), or one's name."),
    ] = None,
    style: Annotated[
        Literal["sans", "serif"], typer.Option("--style", help="Letters without or with serifs.")
    ] = "sans",
    latex: Annotated[
        bool, typer.Option("--latex", help="LaTeX's own letters (Computer Modern).")
    ] = False,
    width: Annotated[str, typer.Option("--width", help="single or double column.")] = "single",
    device: Annotated[
        str | None, typer.Option("--device", help="Only devices whose name contains this.")
    ] = None,
    precision: Annotated[
        str | None, typer.Option("--precision", help="Only this track: fp32, fp16, ...")
    ] = None,
    title: Annotated[
        str | None,
        typer.Option(
            "--title", help="Above the axes; default: the table's heading, in .svg and .pdf none."
        ),
    ] = None,
    labels: Annotated[
        str, typer.Option("--labels", help="Whose names are written: all, front, top:N or a,b,c.")
    ] = "all",
    interpolation: Annotated[
        bool,
        typer.Option(
            "--interpolation", help="Draw bicubic and its like even where they stretch the axes."
        ),
    ] = False,
    references: given.References = True,
    literature: given.Literature = False,
    allow: given.Allow = None,
    json: given.Json = False,
) -> None:
    """Draw one figure against another, with the Pareto front and error bars."""
    from esrbench.cli.stored import opened
    from esrbench.cli.terminal import print_json, say
    from esrbench.flags import check_allowed
    from esrbench.leaderboard.comparable import comparable_groups
    from esrbench.leaderboard.literature import with_literature
    from esrbench.leaderboard.references import with_references
    from esrbench.leaderboard.selection import select
    from esrbench.literature.of_submissions import everything
    from esrbench.report.atomic import is_standard_output
    from esrbench.report.plots.kinds import draw
    from esrbench.report.plots.left_out import left_out
    from esrbench.report.plots.save import VECTOR, check_suffix, save

    if width not in {"single", "double"}:
        raise UsageError(f"--width {width}: a figure is single or double column.")
    allowed = check_allowed(allow or [])
    store = opened(results)
    kind = "steps" if x == "step" else kind
    records = select(
        store.records() if kind == "steps" else store.latest(),
        protocol=protocol,
        device=device,
        precision=precision,
    )
    records = with_references(records) if references and kind != "steps" else records
    records = with_literature(records, everything(results)) if literature else records
    out = out or Path(_file_name(kind, x, y) + ".png")
    letters: Style = "latex" if latex else style
    if check_suffix(out) in VECTOR and title is None:
        title = ""  # a paper's caption says what the figure shows
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        figure = draw(
            kind,
            records,
            x=x,
            y=y,
            dataset=dataset,
            highlight=tuple(highlight or ()),
            bubble=bubble,
            width="double" if width == "double" else "single",
            title=title,
            allowed=allowed,
            interpolation=interpolation,
            labels=labels,
            style=letters,
            runs=[name for name in group or () if name != "run"],
        )
        save(figure, out, letters)
    if json:
        print_json({"file": str(out)})
    elif not is_standard_output(out):
        print(f"The plot is {out}")
    for sentence in left_out(told):
        say(sentence)
    tables = comparable_groups(r for r in records if r.status == "ok")
    if len(tables) > 1 and kind != "steps":
        say(
            f"It shows the largest of {len(tables)} tables whose rows may not be compared; "
            "--protocol, --device and --precision choose another."
        )


def _file_name(kind: str, x: str, y: str) -> str:
    names = {"pareto": f"{y}_vs_{x}", "bar": f"{x}_bar", "steps": f"{y}_over_steps"}
    return names.get(kind, kind).replace(":", "_")
