"""Which statement of an ``__init__.py`` binds a name, so that only that one need be followed."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from esrbench.submission.formats.repository.python_text import content_of, statements


@dataclass(frozen=True)
class Binding:
    """How a name comes about."""

    kind: Literal["import", "from", "star", "own"]
    """``import x as name``, ``from x import name``, ``from x import *``, or defined right there."""
    module: str | None = None
    level: int = 0
    name: str | None = None
    """What it is called in ``module``."""


@lru_cache(maxsize=1024)
def _bindings(init: Path) -> tuple[tuple[str, Binding], ...]:
    body = statements(content_of(init))
    return tuple(pair for statement in body for pair in _bound(statement))


def binding_of(init: Path, name: str) -> Binding | None:
    """The last binding of ``name``; None where nothing there binds it."""
    found = [binding for bound, binding in _bindings(init) if bound == name]
    return found[-1] if found else None


def stars_of(init: Path) -> list[Binding]:
    """Every ``from x import *`` there."""
    return [binding for bound, binding in _bindings(init) if bound == "*"]


def _bound(statement: ast.stmt) -> Iterator[tuple[str, Binding]]:
    if isinstance(statement, ast.ImportFrom):
        for alias in statement.names:
            kind: Literal["star", "from"] = "star" if alias.name == "*" else "from"
            yield (
                alias.asname or alias.name,
                Binding(kind, statement.module, statement.level, alias.name),
            )
    elif isinstance(statement, ast.Import):
        for alias in statement.names:
            whole = alias.name if alias.asname else alias.name.split(".")[0]
            yield alias.asname or whole, Binding("import", whole)
    elif isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        yield statement.name, Binding("own")
    elif isinstance(statement, ast.Assign):
        for target in statement.targets:
            for node in ast.walk(target):
                if isinstance(node, ast.Name):
                    yield node.id, Binding("own")
    elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
        yield statement.target.id, Binding("own")
    elif isinstance(statement, (ast.If, ast.Try, ast.With, ast.For)):
        for inner in ast.iter_child_nodes(statement):
            if isinstance(inner, ast.stmt):
                yield from _bound(inner)
