"""SR images that exist already, found in folders and paired with their HR images."""

from __future__ import annotations

import os
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from esrbench.data.name_pairs import UnpairedError, pair_names, scale_in, some
from esrbench.data.patterns import ANY_EXTENSION, EXTENSIONS, Pattern, checked_pattern, is_image
from esrbench.errors import UsageError

_DEEPEST = 6


@dataclass(frozen=True)
class SrPair:
    """One SR image and its HR image; not read yet."""

    name: str
    """As HR's file is named, without extension."""
    sr: Path
    hr: Path


@dataclass(frozen=True)
class SrSet:
    """The pairs of one dataset, in name order."""

    name: str
    """Its sub-folder; empty where there is only one."""
    pairs: tuple[SrPair, ...]
    scale: int | None
    """As SR's file names have it; None where they do not say."""

    @property
    def folders(self) -> list[Path]:
        """The folders of its images, each once."""
        images = [path for pair in self.pairs for path in (pair.sr, pair.hr)]
        return list(dict.fromkeys(path.parent for path in images))


def pair_up(
    sr: Path, hr: Path, *, suffix: str | None = None, pattern: str | None = None
) -> list[SrSet]:
    """Every SR image below ``sr`` with its HR image: two files, or two folders.

    Images may lie in sub-folders, one a dataset; then sets of the same sub-folder belong together.
    ``suffix`` is what SR's names have after HR's (``_x4``), ``pattern`` how they are made of them
    (``out_{name}_x4``); files named otherwise are left out. Raises UsageError where anything is
    missing, double or ambiguous.
    """
    if sr.is_file() and hr.is_file():
        return [SrSet("", (SrPair(hr.stem, sr, hr),), None)]
    for path, other in ((sr, hr), (hr, sr)):
        if path.is_file():
            if not other.exists():
                raise UsageError(f"{other} does not exist.")
            raise UsageError(f"{path} is a file and {other} is not: give two files or two folders.")
    wanted = _wanted(suffix, pattern)
    sr_sets, hr_sets = _sets(sr), _sets(hr)
    sets = []
    for name, (sr_folder, hr_folder) in _same_sets(sr, sr_sets, hr, hr_sets).items():
        pairs, scale = _pairs(sr_folder, hr_folder, wanted)
        sets.append(SrSet(name, pairs, scale))
    return sets


def _wanted(suffix: str | None, pattern: str | None) -> Pattern | None:
    """The pattern of SR's file names that was asked for."""
    if suffix is not None and pattern is not None:
        raise UsageError("Give --suffix or --pattern, not both.")
    if suffix is not None:
        pattern = "{name}" + suffix
    if pattern is None:
        return None
    if not pattern.lower().endswith((*EXTENSIONS, ANY_EXTENSION)):
        pattern += ANY_EXTENSION
    try:
        return Pattern(checked_pattern(pattern), 0)
    except ValueError as why:
        raise UsageError(f"--pattern {pattern}: {why}.") from None


def _sets(root: Path) -> dict[str, Path]:
    """The folders at and below ``root`` that hold images, by their path from it.

    Where ``root`` itself holds images it is the only one.
    """
    if not root.is_dir():
        raise UsageError(f"There is no folder {root}.")
    found: dict[str, Path] = {}
    for folder, folders, files in os.walk(root):
        path = Path(folder)
        depth = len(path.relative_to(root).parts)
        folders[:] = sorted(one for one in folders if not one.startswith(".") and depth < _DEEPEST)
        if any(is_image(file) for file in files):
            if path == root:
                return {"": root}
            found[path.relative_to(root).as_posix()] = path
    if not found:
        raise UsageError(f"{root} has no images ({', '.join(EXTENSIONS)}).")
    return found


def _same_sets(
    sr: Path, sr_sets: dict[str, Path], hr: Path, hr_sets: dict[str, Path]
) -> dict[str, tuple[Path, Path]]:
    """SR's and HR's folder of each dataset: of one path, or of one name at the top."""
    if len(sr_sets) == len(hr_sets) == 1:
        return {"": (next(iter(sr_sets.values())), next(iter(hr_sets.values())))}
    found: dict[str, tuple[Path, Path]] = {}
    for name, folder in sr_sets.items():
        alike = [one for one in hr_sets if one == name] or [
            one for one in hr_sets if _top(one) == _top(name) != ""
        ]
        if len(alike) != 1:
            raise UsageError(
                f"{folder} is of no one set of {hr} ({some([*hr_sets])}): name the two folders "
                "that belong together."
            )
        key = _top(name)
        if key in found:
            raise UsageError(
                f"{found[key][0]} and {folder} are both of {key}: name the folder that is meant."
            )
        found[key] = (folder, hr_sets[alike[0]])
    return found


def _top(path: str) -> str:
    return path.partition("/")[0]


def _pairs(sr: Path, hr: Path, wanted: Pattern | None) -> tuple[tuple[SrPair, ...], int | None]:
    """The pairs of two folders, in HR's name order, and the scale that SR's names tell."""
    sr_files, hr_files = _by_name(sr, wanted), _by_name(hr, None)
    try:
        names, ending = pair_names([*sr_files], [*hr_files])
    except UnpairedError as why:
        raise UsageError(f"{sr} against {hr}: {why}.") from None
    pairs = [SrPair(name, sr_files[one], hr_files[name]) for one, name in names.items()]
    said = ending if wanted is None else str(wanted)
    return tuple(sorted(pairs, key=lambda pair: pair.name)), scale_in(said)


def _by_name(folder: Path, wanted: Pattern | None) -> dict[str, Path]:
    """The images of ``folder`` by name (NFC): without extension, or what ``{name}`` stands for.

    Raises UsageError where one name has two files.
    """
    found: dict[str, list[Path]] = defaultdict(list)
    images = [path for path in sorted(folder.iterdir()) if is_image(path.name)]
    for path in images:
        name = unicodedata.normalize("NFC", path.stem)
        if wanted is not None:
            name = wanted.name_of(path.name) or ""
        if name:
            found[name].append(path)
    if not found:
        names = some([path.name for path in images])
        raise UsageError(f"{folder} has no image that is named {wanted}; it has {names}.")
    for name, paths in found.items():
        if len(paths) > 1:
            files = " and ".join(_spelled(path.name) for path in paths)
            raise UsageError(f"{folder} has {files}, all of the image {name}; keep one of them.")
    return {name: paths[0] for name, paths in sorted(found.items())}


def _spelled(name: str) -> str:
    """``name``, by its code points where two spellings of it would look alike."""
    return name if name.isascii() else ascii(name)
