"""``esrbench plot``: a trade-off plot for a paper."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from esrbench.cli import options as given
from esrbench.errors import UsageError


def plot(
    x: Annotated[
        str,
        typer.Option("--x", help="runtime, macs (or flops), params, activations, memory, energy."),
    ] = "runtime",
    y: Annotated[str, typer.Option("--y", help="psnr, ssim, lpips, or a metric key.")] = "psnr",
    kind: Annotated[str, typer.Option("--kind", help="pareto, bar, curve or heatmap.")] = "pareto",
    out: Annotated[Path, typer.Option("--out", "-o", help="File: .png, .svg or .pdf.")] = Path(
        "psnr_vs_runtime.png"
    ),
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
    width: Annotated[str, typer.Option("--width", help="single or double column.")] = "single",
    json: given.Json = False,
) -> None:
    """Draw one figure against another, with the Pareto front and error bars."""
    from esrbench.cli.stored import opened
    from esrbench.cli.terminal import print_json
    from esrbench.report.figures.kinds import draw
    from esrbench.report.figures.save import save

    if width not in {"single", "double"}:
        raise UsageError(f"--width {width}: a figure is single or double column.")
    records = opened(results).latest()
    if protocol is not None:
        records = [record for record in records if record.protocol == protocol]
    figure = draw(
        kind,
        records,
        x=x,
        y=y,
        dataset=dataset,
        highlight=tuple(highlight or ()),
        bubble=bubble,
        width="double" if width == "double" else "single",
    )
    save(figure, out)
    if json:
        print_json({"file": str(out)})
    else:
        print(f"The plot is {out}")
