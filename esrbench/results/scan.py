"""Look through a results folder: every record in brief, and what was left out."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from esrbench.results.entry import Entry, entry_of
from esrbench.results.index import Index, Known, LeftOut, file_state, read_index, write_index
from esrbench.results.reading import NotARecord, read_with_data
from esrbench.results.record import RunRecord

PICTURES = "pictures"
DEEPEST = 8
"""Folders below the results folder that are looked into: one a machine, and what a lab adds."""


@dataclass
class Scan:
    """What a results folder holds now."""

    entries: dict[Path, Entry] = field(default_factory=dict)
    """By the record's file, in the order of their names."""
    left_out: list[LeftOut] = field(default_factory=list)
    read: dict[Path, RunRecord] = field(default_factory=dict)
    """Records that had to be read for this."""


def scan(root: Path) -> Scan:
    """Every record below ``root``; files that did not change since the index are not read."""
    index = read_index(root)
    found, known = Scan(), {}
    for path in record_files(root):
        name = path.relative_to(root).as_posix()
        try:
            state = file_state(path)
        except OSError:
            continue  # gone since it was listed
        was = index.files.get(name)
        if was is None or was.state != state or (was.entry is None) == (was.why_none is None):
            was = _look(path, state, found)
        known[name] = was
        if was.entry is not None:
            found.entries[path] = was.entry
        else:
            found.left_out.append(LeftOut(path, was.why_none or "", was.kind))
    if known != index.files:
        write_index(root, Index(files=known))
    _same_ids(found)
    return found


def record_files(root: Path) -> Iterator[Path]:
    """Files that may be records: ``root``'s own, then those of its folders, but not pictures."""
    yield from _files_in(root, DEEPEST)


def _files_in(folder: Path, deeper: int) -> Iterator[Path]:
    try:
        with os.scandir(folder) as listing:
            inside = sorted(listing, key=lambda item: item.name)
    except OSError:
        return
    shown = [item for item in inside if not item.name.startswith(".")]
    for item in shown:
        if item.name.endswith(".json") and item.is_file():
            yield Path(item.path)
    for item in shown:
        if deeper and item.name != PICTURES and item.is_dir(follow_symlinks=False):
            yield from _files_in(Path(item.path), deeper - 1)


def _look(path: Path, state: tuple[int, int, int, int], found: Scan) -> Known:
    try:
        read = read_with_data(path)
    except NotARecord as why:
        return Known(state=state, why_none=str(why), kind=why.kind)
    found.read[path] = read.record
    return Known(state=state, entry=entry_of(read.record, read.data))


def _same_ids(found: Scan) -> None:
    """Keep one of the files that hold the same record; of other content under its id, say so."""
    first: dict[str, Path] = {}
    for path, entry in list(found.entries.items()):
        before = first.setdefault(entry.id, path)
        if before == path:
            continue
        if not _same_bytes(before, path):
            found.left_out.append(
                LeftOut(path, f"{path} has the id of {before} and other content.", "damaged")
            )
        del found.entries[path]


def _same_bytes(one: Path, other: Path) -> bool:
    try:
        return one.read_bytes() == other.read_bytes()
    except OSError:
        return False
