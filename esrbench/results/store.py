"""The results folder: one JSON file a record, only ever added.

A record is written beside its final name and renamed into place, so a kill at any instant leaves
either the whole record or none of it.
"""

from __future__ import annotations

import gc
import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from esrbench.errors import UnavailableError
from esrbench.results.entry import Entry
from esrbench.results.identity import Shown, dated_later, in_time, lives, shown
from esrbench.results.index import LeftOut
from esrbench.results.reading import read_record
from esrbench.results.record import Picture, RunRecord
from esrbench.results.run_row import points_of
from esrbench.results.scan import PICTURES, Scan, scan
from esrbench.results.seal import sealed_json
from esrbench.results.swept import SweptPoint
from esrbench.whole_file import write_whole

__all__ = ["PICTURES", "LeftOut", "ResultsStore", "read_record", "slug"]

_NAME = 60
"""Letters of each part of a file name: three of them and the id stay far below 255 bytes."""


def slug(text: str) -> str:
    """``text`` as a file name part: letters, digits, dot, dash."""
    return re.sub(r"[^A-Za-z0-9.]+", "-", text).strip("-").lower() or "x"


@dataclass(frozen=True)
class ResultsStore:
    """Records under ``root``; pictures under ``root/pictures``."""

    root: Path

    def ensure_writable(self) -> None:
        """Create the folder; raises UnavailableError when records cannot be written to it."""
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self.root, prefix=".probe-"):
                pass
        except OSError as why:
            raise UnavailableError(
                f"The results folder {self.root} cannot be written ({why.strerror}); "
                "choose another with --results."
            ) from None

    def path_of(self, record: RunRecord) -> Path:
        """Where ``record`` is written: readable, and unique by the record's id."""
        name = "-".join(slug(part) for part in (record.submission, record.variant or "") if part)
        about = [name[:_NAME], slug(record.protocol)[:_NAME], slug(record.device)[:_NAME]]
        parts = [about[0], f"x{record.scale}", *about[1:], record.id]
        return self.root / ("_".join(parts) + ".json")

    def file_of(self, record: RunRecord) -> Path:
        """The file that holds ``record``, in whichever folder below the root it is."""
        kept = (path for path, entry in self.scan().entries.items() if entry.id == record.id)
        return next(kept, self.path_of(record))

    def add(self, record: RunRecord) -> Path:
        """Write ``record`` atomically; raises UnavailableError where that is not possible."""
        self.ensure_writable()
        target = self.path_of(record)
        try:
            write_whole(target, sealed_json(record).encode(), prefix=".record-", durable=True)
        except OSError as why:
            raise UnavailableError(f"{target} cannot be written: {why.strerror}.") from None
        return target

    def scan(self) -> Scan:
        """Every record in brief, and what is left out."""
        return scan(self.root)

    def left_out(self) -> list[LeftOut]:
        """Files that are not shown: foreign ones, and damaged or edited records."""
        looked = self.scan()
        return [*looked.left_out, *_edited(looked)]

    def records(self) -> list[RunRecord]:
        """Every record but damaged ones, oldest first."""
        looked = self.scan()
        with _collector_paused():
            found = [self._record(path, looked) for path in looked.entries]
        return sorted(found, key=lambda record: (record.created, record.id))

    def rows(self) -> list[Shown]:
        """What :meth:`latest` shows, in brief."""
        return shown(_whole(self.scan()).values())

    def latest(self, before: datetime | None = None, *, in_brief: bool = False) -> list[RunRecord]:
        """One record a row, oldest first: a content under a name, with variant, scale, protocol,
        device and precision, in its newest measurement (``identity.py``).

        With ``before`` as it was then: of the records made earlier than that moment. ``in_brief``:
        without the figures of each image.
        """
        looked = self.scan()
        paths = {entry.id: path for path, entry in _whole(looked).items()}
        entries = [
            e for e in _whole(looked).values() if not before or not dated_later(e.created, before)
        ]
        found = []
        with _collector_paused():
            for row in shown(entries):
                record = self._record(paths[row.entry.id], looked)
                record = record.in_brief() if in_brief else record
                found.append(record.shown_as(row.suffix, row.told))
        return found

    def lives(self) -> list[list[RunRecord]]:
        """Every record of each row that has several, oldest first."""
        looked = self.scan()
        paths = {entry.id: path for path, entry in _whole(looked).items()}
        with _collector_paused():
            return [
                [self._record(paths[entry.id], looked) for entry in cell]
                for cell in lives(_whole(looked).values())
            ]

    def runs(self) -> dict[str, list[SweptPoint]]:
        """Of each row that stands for a training run, by its record's id: all its checkpoints."""
        entries = list(_whole(self.scan()).values())
        rows = (row.entry for row in shown(entries) if row.entry.swept is not None)
        return {row.id: points_of(row, entries) for row in rows}

    def newest_first(self) -> Sequence[tuple[Path, Entry]]:
        """Every record in brief with its file; those dated in the future come last."""
        looked = self.scan()
        paths = {entry.id: path for path, entry in looked.entries.items()}
        return [(paths[e.id], e) for e in reversed(in_time(looked.entries.values()))]

    def _record(self, path: Path, looked: Scan) -> RunRecord:
        """The record in ``path``, its pictures' paths from this folder."""
        record = looked.read.get(path) or read_record(path)
        folder = path.parent.relative_to(self.root)
        if folder.parts:
            record.pictures = [_below(folder, picture) for picture in record.pictures]
        return record


def _below(folder: Path, picture: Picture) -> Picture:
    paths = {kind: (folder / getattr(picture, kind)).as_posix() for kind in ("lr", "sr", "hr")}
    return picture.model_copy(update=paths)


def _whole(looked: Scan) -> dict[Path, Entry]:
    return {path: entry for path, entry in looked.entries.items() if entry.seal != "edited"}


def _edited(looked: Scan) -> list[LeftOut]:
    return [
        LeftOut(path, f"{path} was edited after it was measured; score it again.", "damaged")
        for path, entry in looked.entries.items()
        if entry.seal == "edited"
    ]


@contextmanager
def _collector_paused() -> Iterator[None]:
    """A thousand records are millions of small objects, none of them garbage."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()
