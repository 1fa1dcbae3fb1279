"""How rows whose names are the same, or look so, are told apart: by a folder, else a short hash."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from esrbench.results.entry import Entry
from esrbench.results.lineage import Content, Line
from esrbench.results.lookalike import plain

_HASH = 7
_LONGEST = 40
_NAMED = 3


@dataclass(frozen=True)
class Apart:
    """One row's suffix, and why it has one."""

    suffix: str
    sentences: tuple[str, ...]


def suffixes(
    rows: Sequence[Entry], lines: Mapping[str, Line], groups: Sequence[Sequence[Entry]]
) -> dict[str, Apart]:
    """The suffix of each row that needs one, by its id; ``groups`` are rows of like names.

    A whole group has suffixes, or none of it: at x2 a submission is called as at x4.
    """
    found: dict[str, Apart] = {}
    for group in groups:
        by_scale = _by_scale(group, lines)
        if all(len(members) < 2 for members in by_scale.values()):
            continue
        for entry in group:
            own, members = lines[entry.id].root, by_scale[entry.scale]
            others = [e for root, e in members.items() if root != own]
            found[entry.id] = Apart(_suffix(entry, others), _why(entry, others))
    return found


def what_it_is(entry: Entry) -> str:
    """``alice/net_g_latest.pth (content 1f9c2ab)``."""
    content = f"content {(entry.submission_sha256 or '')[:_HASH]}"
    if entry.submission_sha256 is None:
        content = f"record {entry.id}"
    return f"{plain(entry.source or entry.label)} ({content})"


def _by_scale(group: Sequence[Entry], lines: Mapping[str, Line]) -> dict[int, dict[Content, Entry]]:
    """Submissions by scale; one without a hash (an import) only where a table has another too."""
    by_scale: dict[int, dict[Content, Entry]] = defaultdict(dict)
    tables: dict[tuple[object, ...], set[Content]] = defaultdict(set)
    for entry in group:
        tables[_table(entry)].add(lines[entry.id].root)
    for entry in group:
        if entry.submission_sha256 is not None or len(tables[_table(entry)]) > 1:
            by_scale[entry.scale].setdefault(lines[entry.id].root, entry)
        else:
            by_scale[entry.scale]
    return by_scale


def _table(entry: Entry) -> tuple[object, ...]:
    return entry.scale, entry.protocol, entry.device, entry.precision


def _suffix(entry: Entry, others: Sequence[Entry]) -> str:
    for candidate in (_folder, _source):
        own = candidate(entry)
        if own and own not in {candidate(e) for e in others}:
            return own
    return (entry.submission_sha256 or entry.id.rpartition("-")[2])[:_HASH]


def _folder(entry: Entry) -> str | None:
    folder, slash, _ = (entry.source or "").rpartition("/")
    return plain(folder if slash else entry.source or "")[:_LONGEST] or None


def _source(entry: Entry) -> str | None:
    return plain(entry.source)[:_LONGEST] if entry.source else None


def _why(entry: Entry, others: Sequence[Entry]) -> tuple[str, ...]:
    if not others:
        return ("At another scale two submissions have this name; the suffix tells them apart.",)
    listed = "; ".join(what_it_is(e) for e in others[:_NAMED])
    more = f" and {len(others) - _NAMED} more" if len(others) > _NAMED else ""
    same = all(e.label == entry.label for e in others)
    alike = "the same name" if same else "names that look alike"
    return (
        f"{len(others) + 1} submissions here have {alike}: this is {what_it_is(entry)}, beside "
        f"{listed}{more}. A submission is its content under a name, so each has a row; `esrbench "
        "score --revises` makes a newer one take the row of an older.",
    )
