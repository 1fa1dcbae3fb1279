"""What of the catalogue is on this machine, what is not, and how to get it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from esrbench.data.entry import DatasetEntry, LrKind
from esrbench.data.locate import locate
from esrbench.errors import EsrbenchError


@dataclass(frozen=True)
class Listed:
    """One row of ``esrbench datasets list``."""

    name: str
    """With the LR kind, unless it is the default: ``Set14:oldmatlab``."""
    title: str
    images: int
    """How many it should have."""
    present: bool
    """HR is there and whole, by number and names; the files were not read."""
    where: Path | None
    """The HR folder, where there is one."""
    lr: dict[int, str]
    """By scale: ``files``, ``made from HR`` (now or when first used) or ``missing``."""
    problem: str | None
    """Why it is not present, in one sentence that says how to get it."""
    licence: str
    source: str
    how_to_get: str
    downloadable: bool
    """Whether ``esrbench datasets download`` can fetch it."""


def list_datasets(catalogue: dict[str, DatasetEntry], *, data_root: Path | None) -> list[Listed]:
    """Every dataset and LR kind of the catalogue, in its order; looks at names only, so is quick.

    An LR kind other than the default has a row of its own.
    """
    return [
        _row(name if kind_name == "default" else f"{name}:{kind_name}", entry, kind, data_root)
        for name, entry in catalogue.items()
        for kind_name, kind in sorted(entry.lr.items(), key=lambda pair: pair[0] != "default")
    ]


def _row(name: str, entry: DatasetEntry, kind: LrKind, data_root: Path | None) -> Listed:
    lr: dict[int, str] = {}
    where: Path | None = None
    problem: str | None = None
    for scale in entry.scales:
        try:
            located = locate(name, entry, kind, scale, data_root)
        except EsrbenchError as why:
            problem = problem or str(why)
            lr[scale] = "missing"
            continue
        where = located.hr_folder
        lr[scale] = "made from HR" if located.lr is None else "files"
        if located.faults:
            problem = problem or located.faults[0]
    return Listed(
        name=name,
        title=entry.title,
        images=entry.images,
        present=problem is None,
        where=where,
        lr=lr,
        problem=problem,
        licence=entry.licence,
        source=entry.source,
        how_to_get=entry.how_to_get,
        downloadable=bool(entry.downloads),
    )
