"""The entries that come with esrbench (``literature/``), and a person's own beside the records."""

from __future__ import annotations

from pathlib import Path

from esrbench import bundled, strict_yaml
from esrbench.errors import UnavailableError
from esrbench.literature.entry import Entry
from esrbench.whole_file import write_whole

FOLDER = "literature"
"""Of a person's own entries, inside the results folder."""


def shipped() -> list[Entry]:
    """What comes with esrbench, by name."""
    return _read(bundled.literature())


def own(results: Path) -> list[Entry]:
    """What was added beside the records of ``results``, by name; raises UsageError for a file that
    is no entry."""
    return _read(results / FOLDER)


def entries(results: Path | None = None) -> list[Entry]:
    """Both; an entry of one's own takes the place of the shipped one of the same name."""
    found = {entry.name: entry for entry in shipped()}
    found |= {entry.name: entry for entry in own(results)} if results else {}
    return [found[name] for name in sorted(found)]


def add(file: Path, results: Path) -> tuple[Entry, Path]:
    """The entry of ``file``, checked and kept beside the records of ``results``, and where.

    One of the same name is replaced. Raises UsageError for a file that is no entry,
    UnavailableError where nothing can be written.
    """
    entry = strict_yaml.load(file, Entry)
    kept = results / FOLDER / f"{entry.name.replace('/', '-')}.yaml"
    if kept.resolve() == file.resolve():
        return entry, kept
    try:
        kept.parent.mkdir(parents=True, exist_ok=True)
        write_whole(kept, file.read_bytes())
    except OSError as why:
        raise UnavailableError(f"{kept} cannot be written: {why.strerror or why}.") from None
    return entry, kept


def _read(folder: Path) -> list[Entry]:
    found = [strict_yaml.load(path, Entry) for path in sorted(folder.glob("*.yaml"))]
    return sorted(found, key=lambda entry: entry.name)
