"""Which contents are one submission: the same one, its revisions, tries that came before it, and
the checkpoints of one training run."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from esrbench.results.entry import Entry

BUNDLED = "bundled"
"""The source (``submission/source.py``) of what comes with esrbench: a later version of that is a
revision of it."""

Content = tuple[str, int, str]
"""Name, scale and hash; the hash is of code and weights, or stands for a record without one."""


@dataclass(frozen=True)
class Line:
    """Where an entry belongs."""

    root: Content
    """The same for all that are one submission."""
    revision: int
    """How many contents it takes the row of, one after the other."""


def lineages(ordered: Sequence[Entry]) -> dict[str, Line]:
    """The line of each entry by its id; ``ordered`` is oldest first."""
    joined = _Joined()
    by_id = {entry.id: entry for entry in ordered}
    by_name: dict[tuple[str, int], list[Entry]] = defaultdict(list)
    for entry in ordered:
        by_name[content(entry)[:2]].append(entry)
    for group in by_name.values():
        for place, entry in enumerate(group):
            other = _belongs_to(entry, group, place)
            if other is not None:
                joined.join(content(entry), content(other))
        runs: dict[str, Entry] = {}
        for entry in group:
            if entry.swept is not None:  # the checkpoints of a run are one row
                first = runs.setdefault(entry.swept.run, entry)
                joined.join(content(entry), content(first))
    for entry in ordered:
        before = by_id.get(entry.revises or "")
        if before is not None and before.scale == entry.scale:
            joined.join(content(entry), content(before))
    return {e.id: Line(joined.root(content(e)), _revision(e, by_id)) for e in ordered}


def content(entry: Entry) -> Content:
    """What the entry is a record of; a record without a hash stands for its name and source."""
    name = unicodedata.normalize("NFC", entry.label)
    return name, entry.scale, entry.submission_sha256 or f"from {entry.source}"


def _belongs_to(entry: Entry, group: Sequence[Entry], place: int) -> Entry | None:
    """One of the same name that ``entry`` is another run of, though their hashes differ."""
    others = [e for e in group if content(e) != content(entry)]
    if entry.source == BUNDLED:
        return next((e for e in others if e.source == BUNDLED), None)
    if not entry.measured and entry.submission_sha256 is None:
        later = [e for e in group[place + 1 :] if entry.source in (None, e.source)]
        return next((e for e in later if content(e) != content(entry)), None)
    if not entry.measured:  # it was mended since
        later = [e for e in group[place + 1 :] if e.source == entry.source is not None]
        return next((e for e in later if content(e) != content(entry)), None)
    if entry.no_weights and entry.code_sha256 is not None:
        same = [e for e in others if e.code_sha256 == entry.code_sha256]
        return next((e for e in same if e.source == entry.source), same[-1] if same else None)
    if entry.no_weights:  # a record made before the code had a hash of its own
        hashed = {content(e): e for e in others if e.submission_sha256}
        return next(iter(hashed.values())) if len(hashed) == 1 else None
    return None


def _revision(entry: Entry, by_id: dict[str, Entry]) -> int:
    """The length of the chain of ``revises``; one that leads in a circle ends where it began."""
    seen = {entry.id}
    current = by_id.get(entry.revises or "")
    while current is not None and current.id not in seen:
        seen.add(current.id)
        current = by_id.get(current.revises or "")
    return len(seen) - 1


class _Joined:
    """Sets of contents that are one (union-find)."""

    def __init__(self) -> None:
        self._parent: dict[Content, Content] = {}

    def root(self, one: Content) -> Content:
        while self._parent.get(one, one) != one:
            one = self._parent[one]
        return one

    def join(self, one: Content, other: Content) -> None:
        first, second = self.root(one), self.root(other)
        if first != second:
            self._parent[first] = second
