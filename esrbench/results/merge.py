"""Put several results folders into one: of several machines, or of the tasks of one job array.

Records are copied as they are, byte for byte, with the pictures they name. Nothing is averaged.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from esrbench.errors import UnavailableError, UsageError
from esrbench.results.entry import Entry
from esrbench.results.index import LeftOut
from esrbench.results.reading import read_record
from esrbench.results.record import RunRecord
from esrbench.results.scan import scan
from esrbench.whole_file import write_whole

AGREES_DB = 1e-4
"""PSNR of the same pixels differs by less on any two machines; by more, something else does."""


@dataclass(frozen=True)
class Contradiction:
    """The same submission on the same images in the same way, and another figure."""

    label: str
    dataset: str
    metric: str
    values: tuple[tuple[str, float], ...]
    """Record id and value."""


@dataclass
class Merged:
    """What was done, or would be."""

    copied: list[str] = field(default_factory=list)
    """Ids of records that were not there."""
    there: list[str] = field(default_factory=list)
    """Ids of those that were, with the same bytes."""
    refused: list[str] = field(default_factory=list)
    """Sentences: an id that stands for two contents, an edited record."""
    left_out: list[LeftOut] = field(default_factory=list)
    pictures: int = 0
    by_device: dict[str, int] = field(default_factory=dict)
    """Records of the merged folder by their device."""
    contradictions: list[Contradiction] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether nothing was refused and nothing contradicts."""
        return not self.refused and not self.contradictions


def merge(stores: Sequence[Path], into: Path, *, dry_run: bool = False) -> Merged:
    """Copy the records of ``stores`` into ``into``; ``dry_run`` only says what would be done.

    Raises UsageError for a store that is not there or is ``into`` itself, UnavailableError where
    ``into`` cannot be written.
    """
    merged = Merged()
    target = scan(into) if into.is_dir() else None
    by_id = {entry.id: path for path, entry in target.entries.items()} if target else {}
    records: dict[str, RunRecord] = {i: read_record(path) for i, path in by_id.items()}
    for store in stores:
        _check(store, into)
        found = scan(store)
        merged.left_out += found.left_out
        for path, entry in found.entries.items():
            fault = _fault(path, entry, by_id.get(entry.id))
            if fault:
                merged.refused.append(fault)
            elif entry.id in by_id:
                merged.there.append(entry.id)
            else:
                record = found.read.get(path) or read_record(path)
                if not dry_run:
                    merged.pictures += _copy(path, record, into)
                by_id[entry.id], records[entry.id] = path, record
                merged.copied.append(entry.id)
    merged.by_device = dict(Counter(r.device for r in records.values()).most_common())
    merged.contradictions = list(contradictions(list(records.values())))
    return merged


def contradictions(records: Sequence[RunRecord]) -> Iterator[Contradiction]:
    """Figures of one content, protocol, signature and set of images that are further apart than
    :data:`AGREES_DB`."""
    values: dict[tuple[str, ...], list[tuple[str, float]]] = defaultdict(list)
    names: dict[tuple[str, ...], tuple[str, str, str]] = {}
    for record in records:
        if record.submission_sha256 is None or record.status != "ok":
            continue
        for dataset, means in record.quality.items():
            facts = record.datasets.get(dataset)
            for metric, value in means.items():
                if not metric.startswith("psnr") or value is None or facts is None:
                    continue
                key: tuple[str, ...] = (
                    record.submission_sha256,
                    str(record.scale),
                    record.protocol,
                    dataset,
                    facts.sha256,
                    metric,
                    record.signatures.get(metric, ""),
                    record.precision,
                )
                values[key].append((record.id, value))
                names[key] = record.own_label, dataset, metric
    for key, given in values.items():
        if _apart([value for _, value in given]) > AGREES_DB:
            yield Contradiction(*names[key], tuple(given))


def _apart(figures: Sequence[float]) -> float:
    """How far the largest is from the smallest; infinite ones agree with each other alone."""
    if all(map(math.isfinite, figures)):
        return max(figures) - min(figures)
    return 0.0 if len(set(figures)) == 1 else math.inf


def _check(store: Path, into: Path) -> None:
    if not store.is_dir():
        raise UsageError(f"There is no results folder {store}.")
    if store.resolve() == into.resolve():
        raise UsageError(f"{store} is the folder to merge into; name the others only.")


def _fault(path: Path, entry: Entry, there: Path | None) -> str | None:
    if entry.seal == "edited":
        return f"{path} was edited after it was measured."
    if there is not None and there.read_bytes() != path.read_bytes():
        return f"{path} has the id of {there} and other content: {entry.id}."
    return None


def _copy(path: Path, record: RunRecord, into: Path) -> int:
    """Copy a record with its pictures, these first; how many pictures were new."""
    new = 0
    try:
        into.mkdir(parents=True, exist_ok=True)
        for name in {name for p in record.pictures for name in (p.lr, p.sr, p.hr)}:
            source, target = path.parent / name, into / name
            if not _below(source, path.parent) or not _below(target, into):
                continue  # a picture is never fetched from, or put, outside a results folder
            if source.is_file() and not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                write_whole(target, source.read_bytes())
                new += 1
        write_whole(into / path.name, path.read_bytes(), prefix=".record-", durable=True)
    except OSError as why:
        raise UnavailableError(f"{into} cannot be written: {why.strerror}.") from None
    return new


def _below(path: Path, folder: Path) -> bool:
    return path.resolve().is_relative_to(folder.resolve())
