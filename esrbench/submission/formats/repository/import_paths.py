"""Where ``import x.y`` of a repository's file leads, without importing anything.

Judge and runner share it: the judge to know which files a network is made of and which packages
it lacks, the runner to import them (``lazy_packages.py``).
"""

from __future__ import annotations

import ast
import importlib.abc
import importlib.machinery
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from esrbench.submission.formats.repository.python_text import content_of, statements


@dataclass(frozen=True)
class Found:
    """A module of the repository: a file, or a folder as a package (or several of one name)."""

    file: Path | None = None
    folders: tuple[Path, ...] = ()


def import_roots(root: Path, file: Path) -> tuple[Path, ...]:
    """The folders that absolute imports of ``file`` may start from, likeliest first.

    The one above the outermost package with an ``__init__.py``, or that its relative imports need
    (``from ..x`` wants two packages), then those further up to ``root`` (a fork is run from there),
    then those further down (one that is run from ``code/``).
    """
    if not file.is_relative_to(root):  # a module of an installed basicsr
        return (root,)
    folders = [file.parent]
    while folders[-1] != root:
        folders.append(folders[-1].parent)
    names = [file.stem, *(folder.name for folder in folders)]  # what each root would import
    top, least = 0, _relative_levels(file)
    while top + 1 < len(folders) and (
        top < least
        or (folders[top] / "__init__.py").is_file()
        or names[top] in sys.stdlib_module_names  # `queue.py` is archs.queue, not Python's
    ):
        top += 1
    return (*folders[top:], *reversed(folders[:top]))


def _relative_levels(file: Path) -> int:
    """How many packages the relative imports of ``file`` go up: 1 for ``from .x``, 0 for none."""
    found = (
        node.level
        for statement in statements(content_of(file))
        for node in ast.walk(statement)
        if isinstance(node, ast.ImportFrom)
    )
    return max(found, default=0)


def module_name(roots: Sequence[Path], file: Path) -> str:
    """``basicsr.archs.bsrn_arch``: what the file is called where the repository is run."""
    above = roots[0]
    if not file.is_relative_to(above):
        above = next(f.parent for f in installed_basicsr() if file.is_relative_to(f))
    return ".".join(file.relative_to(above).with_suffix("").parts)


def found_in(places: Sequence[Path], name: str) -> Found | None:
    """The module ``name`` directly inside one of ``places``: a package, a file, a bare folder."""
    bare = []
    for place in places:
        folder, file = place / name, place / f"{name}.py"
        if (folder / "__init__.py").is_file():
            return Found(folders=(folder,))
        if file.is_file():
            return Found(file=file)
        if folder.is_dir():
            bare.append(folder)
    return Found(folders=tuple(bare)) if bare else None


def top_level(roots: Sequence[Path], name: str) -> Found | None:
    """What ``import name`` leads to in the repository; None where it means a library.

    The standard library is never hidden, and an installed one only by a file or a package: a bare
    folder (``datasets/``) is taken where nothing else has its name, as Python does.
    """
    if name in sys.stdlib_module_names or name == "esrbench":
        return None
    found = found_in(roots, name)
    if found is None or found.file is not None:
        return found
    has_init = (found.folders[0] / "__init__.py").is_file()
    if name == "basicsr":
        own = tuple(root / name for root in roots if (root / name).is_dir())
        return Found(folders=(*own, *installed_basicsr()))
    return found if has_init or not is_installed(name) else None


@lru_cache(maxsize=512)
def is_installed(name: str) -> bool:
    """Whether a library of that name is there; nothing of it is run."""
    if name in sys.stdlib_module_names:
        return True
    for finder in sys.meta_path:
        if isinstance(finder, RepositoryFinder):
            continue  # what a repository has is not installed
        spec = finder.find_spec(name, None)
        if spec is not None and (spec.origin is not None or _is_a_library(spec)):
            return True
    return False


def _is_a_library(spec: importlib.machinery.ModuleSpec) -> bool:
    """Whether a bare folder is a library's (``mpl_toolkits``), and not one that is just here."""
    places = (Path(place) for place in spec.submodule_search_locations or ())
    return any(place.parent.name in ("site-packages", "dist-packages") for place in places)


class RepositoryFinder(importlib.abc.MetaPathFinder):
    """What ``lazy_packages.py`` imports a repository with, as far as others must know of it."""


@lru_cache(maxsize=1)
def installed_basicsr() -> tuple[Path, ...]:
    """The folder of an installed ``basicsr``, from which modules may come that a fork lacks."""
    for entry in sys.path:
        folder = Path(entry or ".") / "basicsr"
        if (folder / "archs").is_dir() and (folder / "version.py").is_file():
            return (folder,)
    return ()


def resolve(roots: Sequence[Path], dotted: str) -> Found | None:
    """Where ``dotted`` (absolute) leads in the repository; None where it is not there."""
    first, *rest = dotted.split(".")
    found = top_level(roots, first)
    for part in rest:
        if found is None or not found.folders:
            return None
        found = found_in(found.folders, part)
    return found


def absolute(name: str | None, level: int, package: str) -> str:
    """``from .x`` (level 1) in a module of ``package``, as an absolute name."""
    base = package.split(".") if package else []
    kept = base[: len(base) - (level - 1)] if level else []
    return ".".join([*kept, *([name] if name else [])])
