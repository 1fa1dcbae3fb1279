"""Memory of each system at each shape, in the three figures that are kept apart."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial

from esrbench.errors import EsrbenchError
from esrbench.judge.memory import measure_memory

from .setting import Outcome, Row, Setting
from .systems import ready, systems

FIGURES = ("allocated", "reserved", "process")
SIDE_BY_SIDE = 4
"""Processes at once: what one of them holds does not depend on the others."""


def measure(setting: Setting) -> Outcome:
    """Passes where all three are told, and each is at least as large as the one before it."""
    with ThreadPoolExecutor(1 if setting.dry else SIDE_BY_SIDE) as pool:
        found = list(pool.map(partial(_system, setting), systems(setting)))
    rows = [row for rows in found for row in rows]
    wrong = [row for row in rows if not _holds(row)]
    measured = [row for row in rows if row["fault"] is None]
    largest = max((row["allocated MiB"] or 0 for row in measured), default=0)
    return Outcome(
        passed=not wrong,
        figure=f"{len(rows) - len(wrong)} of {len(rows)} rows hold; the largest peak allocated is "
        f"{largest:.1f} MiB",
        rows=rows,
    )


def _system(setting: Setting, name: str) -> list[Row]:
    if setting.left() <= 0:
        return [_row(name, shape, {}, "the time is up") for shape in setting.shapes]
    try:
        with ready(name, setting) as system:
            fresh = partial(ready, name, setting)
            found = measure_memory(system.runner, setting.shapes, setting.device, fresh)  # type: ignore[arg-type]
    except EsrbenchError as why:
        return [_row(name, shape, {}, str(why)) for shape in setting.shapes]
    return [_row(name, shape, dict(found.by_shape[shape]), None) for shape in setting.shapes]


def _row(name: str, shape: str, peaks: dict[str, int | None], fault: str | None) -> Row:
    row: Row = {"system": name, "shape": shape}
    for figure in FIGURES:
        known = peaks.get(figure)
        row[f"{figure} MiB"] = None if known is None else known / 2**20
    return {**row, "fault": fault}


def _holds(row: Row) -> bool:
    sizes = [row[f"{figure} MiB"] for figure in FIGURES]
    return None not in sizes and sizes == sorted(sizes)
