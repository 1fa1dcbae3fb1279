"""The files of a repository: its root, its option files, its sources, its checkpoints."""

from __future__ import annotations

import filecmp
import os
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from esrbench.errors import SubmissionError
from esrbench.submission.formats.repository.option_file import is_option_file
from esrbench.submission.formats.repository.option_text import SUFFIXES
from esrbench.submission.weights import CHECKPOINT_SUFFIXES

_OPTIONS = {"option", "options", "config", "configs", "opt", "opts"}
"""What the folder of option files is called."""
_MARKS = (".git", "README*", "readme*", "LICENSE*", "setup.py", "pyproject.toml", "requirements*")
_LEVELS = 4
"""How far above its option files a repository's root may be."""
_SKIPPED = {"node_modules", "site-packages", "__pycache__", "build", "dist", "wandb", "tb_logger"}
_MOST = 50_000
"""Entries that are looked at; a folder with more is no repository (a home, a data disk)."""


def root_of(path: Path) -> Path:
    """The repository that the option file at ``path`` belongs to.

    The folder above ``options/``, or one further up that has what a repository has (README, .git).
    """
    parts = [parent for parent in path.parents if parent.name.lower() in _OPTIONS]
    start = parts[0].parent if parts else path.parent
    for folder in (start, *start.parents[: _LEVELS - 1]):
        if folder in (Path.home(), Path(folder.anchor)):
            break
        if any(next(folder.glob(mark), None) is not None for mark in _MARKS):
            return folder
    return start


def files_in(root: Path, suffixes: frozenset[str] | tuple[str, ...]) -> Iterator[Path]:
    """The files below ``root`` that end so, in order; what is hidden and build outputs left out.

    Raises SubmissionError where there is far more than a repository holds.
    """
    seen = 0
    for folder, inner, names in os.walk(root):
        inner[:] = sorted(n for n in inner if not n.startswith(".") and n not in _SKIPPED)
        seen += len(inner) + len(names)
        if seen > _MOST:
            raise SubmissionError(
                f"{root} holds more than {_MOST:,} files: too many for a repository; give the "
                "folder of one."
            )
        for name in sorted(names):
            ending = os.path.splitext(name)[1].lower()  # noqa: PTH122 - no Path for each
            if ending in suffixes and not name.startswith("."):
                yield Path(folder, name)


def to_train_with(file: Path) -> bool:
    """Whether an option file is to train with, by its name or its folder's."""
    return "train" in file.as_posix().lower()


def option_files(root: Path) -> list[Path]:
    """Those of ``root`` that name a network, to test with first."""
    found = [path for path in files_in(root, SUFFIXES) if is_option_file(path)]
    return sorted(found, key=lambda path: (to_train_with(path), path.parts))


def entries_holding(root: Path, files: Iterable[Path]) -> list[Path]:
    """What lies directly in ``root`` and holds ``files``, and every file there; no link out of it.

    A network may read a table that lies in its package or beside ``main.py``.
    """
    needed = {root / file.relative_to(root).parts[0] for file in files if file != root}
    beside = (entry for entry in root.iterdir() if entry.is_file())
    found = sorted({*needed, *beside})
    return [entry for entry in found if entry.resolve().is_relative_to(root.resolve())]


def checkpoints_in(root: Path, written: str) -> list[Path]:
    """The checkpoint an option calls ``written``: there, or of that name anywhere in ``root``.

    Of several the one whose folders agree most with what is written; more than one where that
    leaves files that are not the same.
    """
    wanted = PurePosixPath(written.replace("\\", "/"))
    direct = root / wanted
    if not wanted.is_absolute() and direct.is_file() and direct.resolve().is_relative_to(root):
        return [direct.resolve()]
    found = [p for p in files_in(root, CHECKPOINT_SUFFIXES) if p.name == wanted.name]
    most = max((_agreement(path, wanted) for path in found), default=0)
    best = [path for path in found if _agreement(path, wanted) == most]
    same = all(filecmp.cmp(best[0], other, shallow=False) for other in best[1:])
    return best[:1] if same else best


def _agreement(path: Path, wanted: PurePosixPath) -> int:
    """How many folders above the file are called the same, from the file upwards."""
    count = 0
    for own, asked in zip(reversed(path.parts), reversed(wanted.parts), strict=False):
        if own != asked:
            break
        count += 1
    return count
