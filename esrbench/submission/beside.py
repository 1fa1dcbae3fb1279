"""The Python files beside a lone ``model.py`` that it imports, told without running any.

A lone file may lie in a home: what it does not import is nobody's business, and stays outside.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

from esrbench.errors import SubmissionError
from esrbench.submission import limits
from esrbench.submission.single_file import syntax_tree


def imported_beside(entry: Path) -> tuple[Path, ...]:
    """``entry`` and every ``.py`` file of its folder that importing it may run, in this order.

    Imports in functions and in ``try`` count too; the standard library is never meant by what has
    its name. A file that is not valid Python is there, and not followed.

    Raises SubmissionError where there are more than a submission has.
    """
    folder = entry.parent
    there = {path.name.removesuffix(".py") for path in folder.iterdir()}
    found = {entry: None}
    waiting = [entry]
    while waiting:
        file = waiting.pop()
        for other in _imported_by(file, folder, there):
            if other not in found:
                found[other] = None
                waiting.append(other)
        if len(found) > limits.SOURCE_FILES:
            raise SubmissionError(f"{entry} imports more than {limits.SOURCE_FILES:,} files.")
    return tuple(found)


def _imported_by(file: Path, folder: Path, there: set[str]) -> Iterator[Path]:
    """What ``file`` imports from ``folder``, which holds modules and packages called ``there``."""
    try:
        tree = syntax_tree(file)
    except SubmissionError:
        return  # told, with its line, when it is loaded
    package = file.parent.relative_to(folder).parts
    for start, names in _named(tree, package):
        place = folder.joinpath(*(start or ()))
        first = names[0] if names else ""
        foreign = start is None and first in sys.stdlib_module_names
        if not foreign and (start or first in there):
            yield from _files(place, names)


def _named(
    tree: ast.Module, package: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...] | None, list[str]]]:
    """The names of each module, or perhaps module, that is imported, and the package they start
    in: None where they are absolute."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield None, alias.name.split(".")
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) - node.level + 1] if node.level else None
            module = node.module.split(".") if node.module else []
            for alias in node.names:
                yield start, [*module, alias.name]


def _files(place: Path, names: list[str]) -> Iterator[Path]:
    """What ``import a.b`` may run, in ``place``: ``a.py``, ``a/__init__.py``, ``a/b.py``, ..."""
    for name in names:
        for file in (place / f"{name}.py", place / name / "__init__.py"):
            if file.is_file():
                yield file
        place /= name
