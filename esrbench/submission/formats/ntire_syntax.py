"""Where the branches of ``select_model`` are, followed by name through a repository's own files.

Some repositories import the function, some hand the id on to another one, and ids are compared in
many spellings: ``model_id == 3``, ``int(args.model_id) in (3, 4)``, ``match args.model_id``. All of
it is read as syntax; nothing is run.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from esrbench.errors import SubmissionError
from esrbench.submission.single_file import syntax_tree

_FURTHEST = 5
"""Imports and calls that are followed, one behind the other."""


def function_named(
    file: Path, name: str, root: Path, depth: int = 0
) -> tuple[ast.FunctionDef, Path] | None:
    """The function that ``file`` defines or imports as ``name``, and the file it stands in."""
    if depth > _FURTHEST or not file.is_file():
        return None
    for statement in syntax_tree(file).body:
        if isinstance(statement, ast.FunctionDef) and statement.name == name:
            return statement, file
        if isinstance(statement, ast.ImportFrom):
            for alias in statement.names:
                if (alias.asname or alias.name) == name:
                    there = _module_file(statement, file, root)
                    return function_named(there, alias.name, root, depth + 1) if there else None
    return None


def reached(file: Path, name: str, root: Path) -> Iterator[ast.FunctionDef]:
    """The function ``name`` and those of the repository that it calls, nearest first."""
    waiting, seen = [(file, name, 0)], set()
    while waiting:
        file, name, depth = waiting.pop(0)
        try:
            found = function_named(file, name, root)
        except SubmissionError:
            if depth == 0:
                raise
            continue  # a file that select_model does not need
        if found is None or depth > _FURTHEST or (found[1], found[0].name) in seen:
            continue
        function, file = found
        seen.add((file, function.name))
        yield function
        for node in ast.walk(function):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                waiting.append((file, node.func.id, depth + 1))


def branches_by_id(function: ast.FunctionDef) -> Iterator[tuple[int, list[ast.stmt]]]:
    """Each model id that the function tells apart, with the statements for it."""
    names = _names_of_the_id(function)
    for node in ast.walk(function):
        if isinstance(node, ast.If):
            for model_id in _ids_of(node.test, names):
                yield model_id, node.body
        elif isinstance(node, ast.Match) and _is_id(node.subject, names):
            for case in node.cases:
                for model_id in _ids_in(case.pattern):
                    yield model_id, case.body


def _module_file(statement: ast.ImportFrom, file: Path, root: Path) -> Path | None:
    start = root
    if statement.level:
        start = file.parent
        for _ in range(statement.level - 1):
            start = start.parent
    place = start.joinpath(*(statement.module or "").split("."))
    for candidate in (place.with_suffix(".py"), place / "__init__.py"):
        if candidate.is_file() and candidate.resolve().is_relative_to(root.resolve()):
            return candidate
    return None


def _names_of_the_id(function: ast.FunctionDef) -> set[str]:
    """What the id is called inside: ``model_id``, and whatever it is assigned to."""
    names = {"model_id"}
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and _is_id(node.value, names):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return names


def _is_id(node: ast.expr, names: set[str]) -> bool:
    """``model_id``, ``args.model_id``, and ``int`` or ``str`` of these."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and len(node.args) == 1:
        return node.func.id in {"int", "str"} and _is_id(node.args[0], names)
    if isinstance(node, ast.Attribute):
        return node.attr == "model_id"
    return isinstance(node, ast.Name) and node.id in names


def _ids_of(test: ast.expr, names: set[str]) -> list[int]:
    """N of ``model_id == N`` and ``N == model_id``; all of ``in (3, 4)`` and of ``or``."""
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.Or):
        return [found for part in test.values for found in _ids_of(part, names)]
    if not (isinstance(test, ast.Compare) and len(test.ops) == 1):
        return []
    left, right = test.left, test.comparators[0]
    if isinstance(test.ops[0], (ast.Eq, ast.Is)):
        other = right if _is_id(left, names) else left if _is_id(right, names) else None
        return _whole(other)
    if isinstance(test.ops[0], ast.In) and _is_id(left, names):
        elements = right.elts if isinstance(right, (ast.Tuple, ast.List, ast.Set)) else []
        return [found for element in elements for found in _whole(element)]
    return []


def _ids_in(pattern: ast.pattern) -> list[int]:
    if isinstance(pattern, ast.MatchOr):
        return [found for part in pattern.patterns for found in _ids_in(part)]
    return _whole(pattern.value) if isinstance(pattern, ast.MatchValue) else []


def _whole(node: ast.expr | None) -> list[int]:
    try:
        value = ast.literal_eval(node) if node is not None else None
    except ValueError:
        return []
    if isinstance(value, str) and value.lstrip("-").isdecimal():
        value = int(value)
    return [value] if type(value) is int else []
