"""Published figures as rows beside the measured ones: set apart, never ranked, never best.

A figure is shown in a table where it can mean the same: quality on a dataset the table has, MACs
for the size that the table counts at. How a published figure came about is otherwise for its paper
to say, so that such a row has no signatures.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from esrbench import __version__
from esrbench.flags import LITERATURE
from esrbench.leaderboard.comparable import Comparable, comparable_groups
from esrbench.leaderboard.counted_at import counted_alike
from esrbench.literature.entry import Entry, Figures
from esrbench.results.record import About, RunRecord

SUFFIX = "published"
"""Behind the name: the same system may have a measured row too."""


def with_literature(records: Sequence[RunRecord], entries: Iterable[Entry]) -> list[RunRecord]:
    """``records`` and, for each table of them, a row for each entry that shares a figure of quality
    with it. None are added to the rows of a challenge, nor twice under one heading."""
    known, rows, seen = list(entries), list(records), set()
    for group in comparable_groups(records):
        if group.heading in seen or any(r.challenge is not None for r in group.records):
            continue
        seen.add(group.heading)
        for entry in known:
            row = _laid(entry, group)
            rows += [row] if row else []
    return rows


def is_literature(record: RunRecord) -> bool:
    """Whether ``record`` was made of published figures."""
    return record.sandbox == LITERATURE


def _laid(entry: Entry, group: Comparable) -> RunRecord | None:
    h, figures = group.heading, entry.figures.get(group.heading.scale)
    if figures is None:
        return None
    datasets = {name for record in group.records for name in record.quality}
    quality = {name: dict(m) for name, m in figures.quality.items() if name in datasets}
    if not any(quality.values()):
        return None
    name, _, variant = entry.name.partition("/")
    said = f"Figures as published: {entry.whence}." + (
        f" {entry.protocol}." if entry.protocol else ""
    )
    record = RunRecord(
        id=f"literature-{entry.name.replace('/', '-')}-x{h.scale}-{h.protocol}",
        created="",
        submission=name,
        variant=variant or None,
        scale=h.scale,
        about=About(title=entry.title, authors=entry.authors, year=entry.year, paper=entry.paper,
                    code=entry.code, published=figures.model_dump(exclude_none=True)),
        source=entry.source,
        protocol=h.protocol,
        protocol_spec=group.records[0].protocol_spec,
        device=h.device,
        precision=h.precision,
        status="ok",
        flags=[LITERATURE],
        params=figures.params,
        macs=_macs(figures, group),
        quality={name: dict(means) for name, means in quality.items()},
        sandbox=LITERATURE,
        harness_version=__version__,
    )  # fmt: skip
    return record.shown_as(SUFFIX, (said,))


def _macs(figures: Figures, group: Comparable) -> int | None:
    """The published MACs, where they are for the input that the table counts at."""
    shape = next((r.complexity.input_shape for r in group.records if r.complexity), None)
    if figures.macs is None or figures.macs_at is None or shape is None:
        return None
    alike = counted_alike(figures.macs_at, shape, group.heading.scale)
    return round(figures.macs) if alike else None
