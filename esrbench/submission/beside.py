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
    found = {entry: None}
    waiting = [entry]
    while waiting:
        file = waiting.pop()
        for other in _imported_by(file, folder):
            if other not in found:
                found[other] = None
                waiting.append(other)
        if len(found) > limits.SOURCE_FILES:
            raise SubmissionError(f"{entry} imports more than {limits.SOURCE_FILES:,} files.")
    return tuple(found)


def _imported_by(file: Path, folder: Path) -> Iterator[Path]:
    try:
        tree = syntax_tree(file)
    except SubmissionError:
        return  # told, with its line, when it is loaded
    package = file.parent.relative_to(folder).parts
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from _files(folder, (), alias.name.split("."))
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) - node.level + 1] if node.level else ()
            module = node.module.split(".") if node.module else []
            yield from _files(folder, start, module)
            for alias in node.names:
                yield from _files(folder, start, [*module, alias.name])


def _files(folder: Path, package: tuple[str, ...], names: list[str]) -> Iterator[Path]:
    """What ``import a.b`` runs, seen from ``package``: every ``__init__.py`` passed, ``b.py``."""
    if not package and names and names[0] in sys.stdlib_module_names:
        return
    place = folder.joinpath(*package)
    for number, name in enumerate(names):
        last = number + 1 == len(names)
        for file in (place / name / "__init__.py", *([place / f"{name}.py"] if last else [])):
            if file.is_file():
                yield file
        place /= name
