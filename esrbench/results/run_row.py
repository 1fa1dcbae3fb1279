"""The one row that the checkpoints of a training run make."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from esrbench.results.entry import Entry
from esrbench.results.swept import SweptPoint, is_test_set


def worth_in_run(entry: Entry, run: Sequence[Entry]) -> float:
    """How much speaks for ``entry`` as the row of ``run`` (oldest first), by the rule of the
    newest; 0 where it is no checkpoint of one."""
    if entry.swept is None:
        return 0.0
    rule = next(e.swept.rule for e in reversed(run) if e.swept is not None)
    return entry.swept.worth if entry.swept.rule == rule else float("-inf")


def points_of(row: Entry, entries: Iterable[Entry]) -> list[SweptPoint]:
    """Every checkpoint of the run that ``row`` stands for, by step: the newest measurement of each
    that was made as ``row`` was; empty where it is no checkpoint of one."""
    if row.swept is None:
        return []
    found: dict[int, SweptPoint] = {}
    for entry in in_order(entries):
        if entry.swept is not None and entry.measured and _made_alike(entry, row):
            found[entry.swept.step] = entry.swept
    return [found[step] for step in sorted(found)]


def in_order(entries: Iterable[Entry]) -> list[Entry]:
    """Oldest first."""
    return sorted(entries, key=lambda entry: (entry.created, entry.id))


def by_checkpoint(cell: Sequence[Entry]) -> list[list[Entry]]:
    """``cell``, the records of a row, by the checkpoint that they are of; all of it where it is no
    training run's."""
    found: dict[int | None, list[Entry]] = {}
    for entry in cell:
        found.setdefault(entry.swept.step if entry.swept else None, []).append(entry)
    return list(found.values())


def _made_alike(entry: Entry, row: Entry) -> bool:
    ours, theirs = (
        (
            e.label,
            e.scale,
            e.protocol,
            e.spec_sha256,
            e.device,
            e.precision,
            e.swept and e.swept.run,
        )
        for e in (row, entry)
    )
    return ours == theirs


def of_a_run(entry: Entry, others: Sequence[Entry]) -> str:
    """Of how many checkpoints the row is one, how it was chosen, and what that means."""
    swept = entry.swept
    if swept is None:
        return ""
    contents = {e.submission_sha256 for e in (entry, *others) if e.swept is not None}
    among = f"Step {swept.step:,} of {swept.run}, of {len(contents)} checkpoints the"
    if swept.choose == "last":
        return f"{among} last."
    warning = (
        f" It was chosen on a test set: its figure on {swept.dataset} is the best of many tries, "
        "and flatters it."
        if is_test_set(swept.dataset)
        else ""
    )
    return f"{among} best by {swept.called} on {swept.dataset}.{warning}"
