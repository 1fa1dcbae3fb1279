"""Read the dataset catalogue: the one that comes with esrbench, and a person's own beside it."""

from __future__ import annotations

import os
from pathlib import Path

from esrbench import bundled
from esrbench.data.entry import DatasetEntry, LrKind
from esrbench.errors import UsageError, nearest
from esrbench.strict_yaml import parse, read_yaml

__all__ = ["DatasetEntry", "data_root_from", "find_entry", "load_catalogue", "read_catalogue"]

DATA_ROOT_VARIABLE = "ESRBENCH_DATA_ROOT"


def load_catalogue(extra: Path | None = None) -> dict[str, DatasetEntry]:
    """The datasets by name; ``extra`` is a YAML file whose entries are added.

    Raises UsageError when a file is not a valid catalogue (an unknown key is named with the
    nearest right one), or when ``extra`` uses a name that is taken.
    """
    catalogue = read_catalogue(bundled.datasets_yaml())
    if extra is None:
        return catalogue
    for name, entry in read_catalogue(extra).items():
        if name in catalogue:
            raise UsageError(
                f"{extra}: {name!r} is a dataset that comes with esrbench; give yours another name."
            )
        catalogue[name] = entry
    return catalogue


def read_catalogue(path: Path) -> dict[str, DatasetEntry]:
    """The entries of one file; raises UsageError as `load_catalogue`."""
    entries: dict[str, DatasetEntry] = {}
    for name, data in read_yaml(path).items():
        if not isinstance(name, str) or not name or set(name) & set(":/\\ "):
            raise UsageError(f"{path}: {name!r} is not a dataset name (letters, digits, _ and -).")
        entries[name] = parse(data, DatasetEntry, f"{path}: {name}")
    return entries


def find_entry(name: str, catalogue: dict[str, DatasetEntry]) -> tuple[DatasetEntry, str, LrKind]:
    """The dataset and LR kind that ``Set14`` or ``Set14:oldmatlab`` names.

    Returns the entry, the kind's name and the kind; raises UsageError when there is none.
    """
    base, _, kind = name.partition(":")
    if base not in catalogue:
        raise UsageError(f"No dataset {base!r}{nearest(base, catalogue)}")
    entry = catalogue[base]
    kind = kind or "default"
    if kind not in entry.lr:
        raise UsageError(f"{base} has no LR kind {kind!r}{nearest(kind, entry.lr)}")
    return entry, kind, entry.lr[kind]


def data_root_from(option: Path | None) -> Path | None:
    """The data root: ``--data-root`` if given, else ``ESRBENCH_DATA_ROOT``, else None."""
    if option is not None:
        return option
    value = os.environ.get(DATA_ROOT_VARIABLE)
    return Path(value) if value else None
