"""``esrbench demo``: the reference submissions on the built-in images, report included, offline."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer

from esrbench.cli import options as given

SHOWN = (
    "nearest",
    "bicubic/ycbcr",
    "lanczos",
    "quicksrnet/small",
    "ecbsr/m4c16",
    "etds/t",
    "span/c28",
    "rlfn/ntire",
)
"""Interpolation, networks whose weights ship, and two whose official weights may be at hand."""
SECONDS = 6.0
"""Of timing for each: enough for the order of the rows, not for a paper."""


def demo(
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder of records and pages.")] = Path(
        "reports/demo"
    ),
    device: given.Device = "auto",
    weights_dir: given.WeightsDir = None,
    json: given.Json = False,
) -> None:
    """Score the reference submissions on built-in photographs and build the leaderboard."""
    from esrbench.cli.summary import one_line
    from esrbench.cli.terminal import TerminalProgress, print_json, say
    from esrbench.data.catalogue import load_catalogue
    from esrbench.judge.bench import Bench
    from esrbench.judge.options import Options
    from esrbench.judge.score import score
    from esrbench.report.figures.save import save
    from esrbench.report.figures.trade_off import trade_off
    from esrbench.report.site import render_site
    from esrbench.submission.find import find

    machine = given.resolve_machine(device, 0, 120.0, None)
    say(f"Scoring {len(SHOWN)} reference submissions on {machine.device}, offline.")
    options = Options(
        protocol=given.resolve_protocol("quick", max_seconds=SECONDS),
        catalogue=load_catalogue(),
        machine=machine,
        results=out / "results",
        weights_dir=weights_dir,
        offline=True,
        command=shlex.join(["esrbench", *sys.argv[1:]]),
        progress=TerminalProgress(),
        say=say,
    )
    records = []
    with Bench(options) as bench:
        bench.store.ensure_writable()
        for name in SHOWN:
            records.append(score(find(name), bench))
            say(one_line(records[-1]))
        index = render_site(bench.store, out)
        picture = out / "psnr_vs_runtime.png"
        save(trade_off(bench.store.latest(), x="runtime", y="psnr"), picture)
    if json:
        print_json(
            {
                "index": str(index),
                "plot": str(picture),
                "records": [record.model_dump(mode="json") for record in records],
            }
        )
    else:
        print(f"\nThe leaderboard is {index.resolve()}")
        print(f"The plot is        {picture.resolve()}")
