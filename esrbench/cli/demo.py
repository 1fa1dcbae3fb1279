"""``esrbench demo``: the reference submissions on the built-in images, report included, offline."""

from __future__ import annotations

import shlex
import sys
import time
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from esrbench.cli import options as given

if TYPE_CHECKING:
    from esrbench.protocol.schema import Protocol
    from esrbench.results.record import RunRecord

SHOWN = (
    "nearest",
    "bicubic/ycbcr",
    "lanczos",
    "quicksrnet/small",
    "ecbsr/m4c16",
    "etds/t",
    "svan/b7",
    "seemore/t",
    "span/c28",
    "rlfn/ntire",
)
"""Interpolation, networks whose weights ship, and two whose official weights may be at hand."""
BRIEFLY = {"max_seconds": 3.0, "warmup_seconds": 0.5}
"""Timing of each: enough for the order of the rows, not for a paper."""
CPU_SHAPE = "128x128"
"""LR size that is timed on a CPU. At the 256x256 of `quick` a call of the baseline takes half a
second there, and that few calls fit into the time that no interval comes of them."""


def demo(
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder of records and pages.")] = Path(
        "reports/demo"
    ),
    device: given.Device = "auto",
    weights_dir: given.WeightsDir = None,
    json: given.Json = False,
) -> None:
    """Score the reference submissions on built-in photographs and build the leaderboard."""
    from esrbench.cli.terminal import TerminalProgress, print_json, say
    from esrbench.data.catalogue import load_catalogue
    from esrbench.judge.bench import Bench
    from esrbench.judge.machine import resolve_machine
    from esrbench.judge.options import Options
    from esrbench.judge.score import score
    from esrbench.report.plots.left_out import LeftOut
    from esrbench.report.plots.save import save
    from esrbench.report.plots.trade_off import trade_off
    from esrbench.report.site import render_site
    from esrbench.submission.find import find

    began = time.monotonic()
    machine = resolve_machine(device, 0, 120.0, None)
    protocol = _protocol(machine.device)
    say(
        f"Scoring {len(SHOWN)} reference systems (x4) on eight built-in photographs, on "
        f"{machine.device}, offline. A minute or two."
    )
    progress = TerminalProgress()
    options = Options(
        protocol=protocol,
        catalogue=load_catalogue(),
        machine=machine,
        results=out / "results",
        weights_dir=weights_dir,
        offline=True,
        verify=True,
        command=shlex.join(["esrbench", *sys.argv[1:]]),
        progress=progress,
        say=say,
    )
    records = []
    with Bench(options) as bench:
        bench.store.ensure_writable()
        _ = bench.device.findings  # what would spoil a timing is said above the table, not in it
        say(f"\n{_row(*_HEADINGS)}")
        for name in SHOWN:
            records.append(score(find(name), bench))
            say(_line(records[-1]))
        progress.phase("Building the pages")
        index = render_site(bench.store, out, references=True)
        picture = out / "psnr_vs_runtime.png"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", LeftOut)  # the table above has every row
            figure = trade_off(bench.store.latest(), x="runtime", y="psnr")
        save(figure, picture)
        progress.end()
    if json:
        print_json(
            {
                "index": str(index),
                "plot": str(picture),
                "records": [record.model_dump(mode="json") for record in records],
            }
        )
        return
    for sentence in _remarks(records):
        print(f"\n{sentence}")
    print(f"\nThe leaderboard is {index.resolve()}")
    print(f"The plot is        {picture.resolve()}")
    print(f"{time.monotonic() - began:.0f} s in all.")


def _protocol(device: str) -> Protocol:
    """``quick``, timed more briefly."""
    from esrbench.protocol.load import resolve_protocol

    protocol = resolve_protocol("quick", shapes=[CPU_SHAPE] if device == "cpu" else None)
    timing = protocol.timing.model_copy(update=BRIEFLY)
    return protocol.model_copy(update={"timing": timing})


_HEADINGS = ("system", "PSNR Y", "SSIM Y", "params", "median")


def _row(system: str, psnr: str, ssim: str, params: str, milliseconds: str) -> str:
    return f"  {system:<18}{psnr:>9}{ssim:>9}{params:>11}{milliseconds:>12}"


def _line(record: RunRecord) -> str:
    """A record as a row below :data:`_HEADINGS`."""
    from esrbench.cli.summary import figure
    from esrbench.quantities.costs import runtime_ms
    from esrbench.report.numbers import significant

    if record.status != "ok":
        return f"  {record.label:<18}{record.status}: {record.reason}"
    means = next(iter(record.quality.values()), {})
    took = runtime_ms(record)
    row = _row(
        record.label,
        figure("psnr_y", means.get("psnr_y")),
        figure("ssim_y", means.get("ssim_y")),
        "-" if record.params is None else f"{record.params:,}",
        "-" if took is None else f"{significant(took, 4)} ms",
    )
    if record.weights_status == "missing":
        return f"{row}  no weights"
    return f"{row}  trained here" if record.weights_status == "own" else row


def _remarks(records: Sequence[RunRecord]) -> list[str]:
    """How far learning gets above bicubic, and what has no quality and why."""
    remarks = []
    by_label = {
        record.label: next(iter(record.quality.values()), {}).get("psnr_y") for record in records
    }
    bicubic = by_label.get("bicubic/ycbcr")
    best = max(by_label, key=lambda label: by_label[label] or 0.0)
    above = (by_label[best] or 0.0) - (bicubic or 0.0)
    if bicubic is not None and above > 0:
        remarks.append(f"{best} is {above:.2f} dB above bicubic.")
    lacking = [record.label for record in records if record.weights_status == "missing"]
    if lacking:
        remarks.append(
            f"No quality for {' and '.join(lacking)}: official weights that are not at hand.\n"
            "The pages say where to get them; --weights-dir names a folder that holds them."
        )
    return remarks
