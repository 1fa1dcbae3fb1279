"""Others of the same name: told when a submission is scored, and replaced only when asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from esrbench.errors import UsageError, nearest
from esrbench.results.entry import Entry
from esrbench.results.identity import in_time
from esrbench.results.lineage import BUNDLED, lineages
from esrbench.results.lookalike import skeleton
from esrbench.results.store import ResultsStore
from esrbench.results.suffix import what_it_is


@dataclass(frozen=True)
class Newcomer:
    """Who is about to be measured."""

    label: str
    """As the submission calls itself."""
    variant: str | None
    scale: int
    submission_sha256: str | None
    code_sha256: str | None
    source: str | None


def namesakes(new: Newcomer, store: ResultsStore) -> list[str]:
    """A sentence where the store has other content under this name, or one that looks alike."""
    others = [row.entry for row in store.rows() if _is_other(row.entry, new)]
    if not others:
        return []
    newest = others[-1]
    alike = "of this name" if newest.label == new.label else f"called {newest.label}"
    return [
        f"{new.label}: {store.root} has another submission {alike}, {what_it_is(newest)}. "
        f"Both get a row; if this is a newer version of it: --revises {newest.id}"
    ]


def revised(name_or_id: str, new: Newcomer, store: ResultsStore) -> str:
    """The id of the record whose row ``new`` is to take; raises UsageError for none or several.

    A name means the other content of that name and scale; an id is taken as it is.
    """
    entries = in_time(entry for _, entry in store.newest_first())
    by_id = {entry.id: entry for entry in entries}
    if name_or_id in by_id:
        target = by_id[name_or_id]
        if target.scale != new.scale:
            raise UsageError(f"--revises {name_or_id}: that is x{target.scale}, not x{new.scale}.")
        return target.id
    lines = lineages(entries)
    shown = {row.entry.id: f"{row.entry.label} ({row.suffix})" for row in store.rows()}
    found: dict[object, Entry] = {}
    for entry in entries:
        named = name_or_id in (entry.label, entry.submission, shown.get(entry.id))
        variant = entry.variant == new.variant or name_or_id == entry.label
        own = entry.submission_sha256 == new.submission_sha256
        if named and variant and entry.scale == new.scale and not own:
            found[lines[entry.id].root] = entry
    if not found:
        close = nearest(name_or_id, {entry.label for entry in entries})
        raise UsageError(
            f"--revises {name_or_id}: no other content of that name at x{new.scale}{close}"
        )
    return _only(name_or_id, list(found.values())).id


def _only(name: str, found: Sequence[Entry]) -> Entry:
    if len(found) > 1:
        listed = "; ".join(f"{what_it_is(entry)}: {entry.id}" for entry in found)
        raise UsageError(f"--revises {name} may mean {listed}. Give the id.")
    return found[0]


def _is_other(entry: Entry, new: Newcomer) -> bool:
    if entry.scale != new.scale or not entry.measured:
        return False
    if skeleton(entry.label) != skeleton(new.label):
        return False
    if entry.source == new.source == BUNDLED or entry.submission_sha256 is None:
        return False
    if entry.code_sha256 == new.code_sha256 and entry.no_weights:
        return False
    same = entry.submission_sha256 == new.submission_sha256
    return not (same and entry.label == new.label)
