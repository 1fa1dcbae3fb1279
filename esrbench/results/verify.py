"""Is a results folder whole? Every record's seal, what its manifest says, and who signed it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Literal

from esrbench.errors import EsrbenchError
from esrbench.results.entry import Entry, entry_of
from esrbench.results.identity import CLOCKS_APART, dated_later
from esrbench.results.manifest import compare, read_manifest
from esrbench.results.reading import NotARecord, read_with_data
from esrbench.results.scan import record_files
from esrbench.results.signing import signature_of

Level = Literal["ok", "note", "fault"]


@dataclass(frozen=True)
class Finding:
    """One sentence about a file or the folder."""

    level: Level
    path: str
    """From the results folder; empty for the folder itself."""
    sentence: str


@dataclass(frozen=True)
class Verified:
    """What was found in a results folder."""

    records: int
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing is broken; notes do not count."""
        return not any(finding.level == "fault" for finding in self.findings)


def verify(root: Path, signers: Path | None = None) -> Verified:
    """Read every file of ``root`` anew (the index is not asked) and list what is wrong."""
    findings: list[Finding] = []
    ids: Counter[str] = Counter()
    for path in record_files(root):
        name = path.relative_to(root).as_posix()
        try:
            read = read_with_data(path)
        except NotARecord as why:
            text = str(why).replace(str(path), "It", 1)
            level: Level = "fault" if why.kind == "damaged" else "note"
            findings.append(Finding(level, name, text))
            continue
        ids[read.record.id] += 1
        findings += _of_record(name, entry_of(read.record, read.data))
        pictures = (getattr(p, kind) for p in read.record.pictures for kind in ("lr", "sr", "hr"))
        absent = sum(not (path.parent / picture).is_file() for picture in pictures)
        if absent:
            findings.append(Finding("note", name, f"{absent} of its pictures are not there."))
    findings += [
        Finding("fault", "", f"{count} files have the id {one}.")
        for one, count in ids.items()
        if count > 1
    ]
    return Verified(sum(ids.values()), (*findings, *_of_folder(root, signers)))


def _of_record(name: str, entry: Entry) -> Iterator[Finding]:
    if entry.seal == "edited":
        yield Finding("fault", name, "It was edited after it was measured: its seal is broken.")
    elif entry.seal == "none":
        yield Finding("note", name, "It has no seal: made before there were any, or taken out.")
    if dated_later(entry.created, datetime.now(timezone.utc) + CLOCKS_APART):
        yield Finding("fault", name, f"It is dated in the future: {entry.created}.")


def _of_folder(root: Path, signers: Path | None) -> Iterator[Finding]:
    try:
        manifest = read_manifest(root)
        if manifest is None:
            yield Finding("note", "", "No manifest: `esrbench results sign` makes one.")
            return
        differs = compare(root, manifest)
        for name in differs.missing:
            yield Finding("fault", name, "It is in the manifest and not in the folder.")
        for name in differs.changed:
            yield Finding("fault", name, "It is not what the manifest says.")
        for name in differs.new:
            yield Finding("note", name, "It is not in the manifest: added since it was signed.")
        signature = signature_of(root, signers)
    except EsrbenchError as why:
        yield Finding("fault", "", str(why))
        return
    if signature is None:
        yield Finding("fault" if signers else "note", "", "The manifest is not signed.")
    else:
        yield Finding("ok" if signature.good else "fault", "", signature.sentence)
