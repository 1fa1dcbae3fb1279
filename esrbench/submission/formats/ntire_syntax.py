"""Where the branches of ``select_model`` are, followed by name through a repository's own files.

Some repositories import the function, some hand the id on to another one, and ids are compared in
many spellings: ``model_id == 3``, ``int(args.model_id) in (3, 4)``, ``match args.model_id``,
``MODELS[args.model_id]``. All of it is read as syntax; nothing is run.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from esrbench.errors import SubmissionError
from esrbench.submission.single_file import syntax_tree

_FURTHEST = 5
"""Imports and calls that are followed, one behind the other."""
_MOST_IDS = 1000
"""Of one range."""


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


@dataclass(frozen=True)
class Told:
    """A function that may tell models apart."""

    function: ast.FunctionDef
    """Names that its file gives one plain value are replaced by that."""
    file: Path
    names: frozenset[str]
    """What the id is called in it."""


def reached(file: Path, name: str, root: Path) -> Iterator[Told]:
    """The function ``name`` and those of the repository that it calls, nearest first."""
    waiting, seen = [(file, name, 0, frozenset({"model_id"}))], set()
    while waiting:
        file, name, depth, names = waiting.pop(0)
        try:
            found = function_named(file, name, root)
        except SubmissionError:
            if depth == 0:
                raise
            continue  # a file that select_model does not need
        if found is None or depth > _FURTHEST or (found[1], found[0].name) in seen:
            continue
        file = found[1]
        function = _with_constants(found[0], file)
        seen.add((file, function.name))
        names = _names_of_the_id(function, names)
        yield Told(function, file, names)
        for node in ast.walk(function):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                given = _given_the_id(node, names)
                waiting.append((file, node.func.id, depth + 1, given))


def branches_by_id(told: Told, root: Path) -> Iterator[tuple[int, list[ast.stmt]]]:
    """Each model id that the function tells apart, with the statements for it.

    Of a table that the id is looked up in, the entry; of one of functions, their statements.
    """
    for node in ast.walk(told.function):
        if isinstance(node, ast.If):
            for model_id in _ids_of(node.test, told.names):
                yield model_id, node.body
        elif isinstance(node, ast.Match) and _is_id(node.subject, told.names):
            for case in node.cases:
                for model_id in _ids_in(case.pattern):
                    yield model_id, case.body
        else:
            for model_id, entry in _entries(node, told):
                yield model_id, _statements_of(entry, told.file, root)


def _entries(node: ast.AST, told: Told) -> Iterator[tuple[int, ast.expr]]:
    """Each id and entry of the table in ``table[id]`` and ``table.get(id)``."""
    table, key = _looked_up(node)
    if table is None or key is None or not _is_id(key, told.names):
        return
    if isinstance(table, ast.Name):
        table = _assigned_to(table.id, [*ast.walk(told.function), *syntax_tree(told.file).body])
    if isinstance(table, ast.Dict):
        for key, entry in zip(table.keys, table.values, strict=True):
            for model_id in _whole(key):
                yield model_id, entry


def _looked_up(node: ast.AST) -> tuple[ast.expr | None, ast.expr | None]:
    """Table and key of ``table[key]`` and of ``table.get(key)``."""
    if isinstance(node, ast.Subscript):
        return node.value, node.slice
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        got = node.func.attr == "get" and node.args
        return (node.func.value, node.args[0]) if got else (None, None)
    return None, None


def _statements_of(entry: ast.expr, file: Path, root: Path) -> list[ast.stmt]:
    if isinstance(entry, ast.Name):
        found = function_named(file, entry.id, root)
        if found is not None:
            return _with_constants(*found).body
    return [ast.Return(entry.body if isinstance(entry, ast.Lambda) else entry)]


def _assigned_to(name: str, among: Iterable[ast.AST]) -> ast.expr | None:
    """What the first assignment to ``name`` gives it."""
    for node in among:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and any(
            isinstance(target, ast.Name) and target.id == name for target in targets
        ):
            return node.value
    return None


def _with_constants(function: ast.FunctionDef, file: Path) -> ast.FunctionDef:
    """The function with each name that its file gives one number or text replaced by that."""
    values: dict[str, ast.Constant] = {}
    for statement in syntax_tree(file).body:
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant):
            values |= {t.id: statement.value for t in statement.targets if isinstance(t, ast.Name)}
    replaced = _Replaced(values).visit(function)
    assert isinstance(replaced, ast.FunctionDef)
    return replaced


class _Replaced(ast.NodeTransformer):
    def __init__(self, values: dict[str, ast.Constant]) -> None:
        self._values = values

    def visit_Name(self, node: ast.Name) -> ast.expr:
        read = isinstance(node.ctx, ast.Load)
        return self._values.get(node.id, node) if read else node


def _given_the_id(call: ast.Call, names: frozenset[str]) -> frozenset[str]:
    """What a function that is called calls the id: by keyword, or ``#0`` for its first argument."""
    by_place = {f"#{i}" for i, value in enumerate(call.args) if _is_id(value, names)}
    by_name = {k.arg for k in call.keywords if k.arg and _is_id(k.value, names)}
    return frozenset({"model_id"} | by_place | by_name)


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


def _names_of_the_id(function: ast.FunctionDef, given: frozenset[str]) -> frozenset[str]:
    """What the id is called inside: ``model_id``, the parameters that are ``given`` it, and
    whatever it is assigned to."""
    parameters = [p.arg for p in (*function.args.posonlyargs, *function.args.args)]
    names = set(given) | {p for i, p in enumerate(parameters) if f"#{i}" in given}
    for node in ast.walk(function):
        if isinstance(node, ast.NamedExpr) and _is_id(node.value, names):
            names.add(node.target.id)
        for target, value in assigned(node):
            if _is_id(value, names):
                names.add(target)
    return frozenset(names)


def assigned(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Names and values of an assignment; ``name, data_range = a, b`` as two pairs."""
    if not (isinstance(node, ast.Assign) and len(node.targets) == 1):
        return
    target, value = node.targets[0], node.value
    if isinstance(target, ast.Name):
        yield target.id, value
    elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        for left, right in zip(target.elts, value.elts, strict=False):
            if isinstance(left, ast.Name):
                yield left.id, right


def _is_id(node: ast.AST, names: Collection[str]) -> bool:
    """``model_id``, ``args.model_id``, ``args["model_id"]``, ``getattr(args, "model_id")``;
    ``int``, ``str`` and a format of these."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        if node.func.id == "getattr" and len(node.args) > 1:
            return _is_the_word(node.args[1])
        return node.func.id in {"int", "str"} and any(_is_id(a, names) for a in node.args[:1])
    if isinstance(node, ast.JoinedStr):
        return len(node.values) == 1 and _is_id(node.values[0], names)
    if isinstance(node, (ast.FormattedValue, ast.NamedExpr)):
        return _is_id(node.value, names)
    if isinstance(node, ast.Subscript):
        return _is_the_word(node.slice)
    if isinstance(node, ast.Attribute):
        return node.attr == "model_id"
    return isinstance(node, ast.Name) and node.id in names


def _is_the_word(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value == "model_id"


def _ids_of(test: ast.expr, names: Collection[str]) -> list[int]:
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
        return [*_ids_of_range(right), *(i for element in elements for i in _whole(element))]
    return []


def _ids_of_range(node: ast.expr) -> list[int]:
    """All of ``range(3, 5)``."""
    if not (isinstance(node, ast.Call) and ast.unparse(node.func) == "range"):
        return []
    ends = [found for value in node.args for found in _whole(value)]
    if not (len(ends) == len(node.args) and 1 <= len(ends) <= 2):
        return []
    return list(range(*ends))[:_MOST_IDS]


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
