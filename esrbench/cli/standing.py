"""Where a record stands among the others, and what a paper needs next: the end of ``score``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from esrbench.leaderboard.references import with_references
from esrbench.leaderboard.table import build_tables
from esrbench.printable import printable
from esrbench.results.record import RunRecord

if TYPE_CHECKING:
    from esrbench.judge.bench import Bench


def standings(records: Sequence[RunRecord], rows: Sequence[RunRecord]) -> list[str]:
    """``rank 3 of 21 by PSNR Y on skimage8, higher is better (2 measured here)`` for each of
    ``records`` that is ranked among ``rows`` and the bundled systems; why not for the others."""
    wanted = {record.id for record in records if record.status == "ok"}
    found = {}
    for table in build_tables(with_references(rows)):
        ranked = [row for row in table.rows if row.rank is not None]
        own = sum(not row.record.shipped for row in ranked)
        here = f" ({own} measured here)" if own < len(ranked) else ""
        for row in table.rows:
            if row.record.id not in wanted:
                continue
            place = f"rank {'=' if row.tied else ''}{row.rank} of {len(ranked)}{here}"
            place += f" by {table.rule.title}"
            told = place if row.rank is not None else f"not ranked: {row.apart}"
            found[row.record.id] = printable(f"{row.record.label} x{row.record.scale}: {told}")
    return [found[key] for key in dict.fromkeys(record.id for record in records) if key in found]


def what_next(record: RunRecord, bench: Bench) -> str | None:
    """The command for a paper's figures, with the time it will take here; None where ``record``
    is of another protocol than ``quick``, or the sets are not at hand."""
    from esrbench.data.dataset import open_dataset
    from esrbench.errors import EsrbenchError
    from esrbench.judge.estimate import estimate, in_time, macs_a_pixel
    from esrbench.protocol.load import load_protocol

    if record.protocol != "quick" or record.status != "ok":
        return None
    classic = load_protocol("classic")
    options = bench.options
    datasets, lacking = [], []
    for name in classic.datasets:
        try:
            datasets.append(
                open_dataset(
                    name, record.scale, data_root=options.data_root, catalogue=options.catalogue
                )
            )
        except EsrbenchError:
            lacking.append(name)
    command = "For a paper's table: the same command with --protocol classic"
    if not datasets:
        return f"{command}, once its sets are at hand (esrbench datasets list)."
    took = estimate(
        classic, datasets, record.scale, device=options.machine.device,
        threads=options.machine.threads, macs_a_pixel=macs_a_pixel(record),
        timing=options.timing, earlier=record,
    )  # fmt: skip
    without = f"; without {', '.join(lacking)}, not at hand here" if lacking else ""
    return f"{command}, about {in_time(took.total)} here{without}."
