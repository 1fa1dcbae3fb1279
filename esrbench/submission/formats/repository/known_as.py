"""What a module's networks are called: by their own names, by others, and as they are registered.

Read as syntax. A registry is whatever has a ``register`` (BasicSR's, mmcv's, a fork's own), or a
mapping whose entry is set: ``NETWORKS['tiny'] = TinySR``.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from esrbench.submission.formats.repository.python_text import statements

_REGISTERING = ("register", "REGISTRY", "ARCHS", "Registry")


@dataclass(frozen=True)
class KnownAs:
    """A name that leads to a class or function of a module."""

    attribute: str
    """What it is called in its module."""
    registered: bool
    defined: bool = True
    """Whether the module defines it under that name, or names it so besides."""


def known_as(content: bytes, name: str) -> KnownAs | None:
    """What ``name`` leads to in a module; None where to nothing of its own.

    A registered one goes before a defined one, and that before another name for something; of
    equals the last, as Python keeps it.
    """
    if name.encode() not in content and b"suffix" not in content:
        return None
    found = [known for said, known in _names(statements(content)) if said == name]
    return max(reversed(found), key=lambda k: (k.registered, k.defined), default=None)


def _names(body: list[ast.stmt]) -> Iterator[tuple[str, KnownAs]]:
    for statement in body:
        if isinstance(statement, (ast.ClassDef, ast.FunctionDef)):
            yield from _defined(statement)
        elif isinstance(statement, ast.Assign):
            yield from _assigned(statement)
        elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
            yield from _handed_in(statement.value)


def _defined(statement: ast.ClassDef | ast.FunctionDef) -> Iterator[tuple[str, KnownAs]]:
    """``@ARCH_REGISTRY.register() class Net``, also ``register('net')`` or ``(suffix='x')``."""
    own = statement.name
    decorators = [d for d in statement.decorator_list if _registers(d)]
    yield own, KnownAs(own, registered=bool(decorators))
    for decorator in decorators:
        if isinstance(decorator, ast.Call):
            for said in _texts(decorator, own):
                yield said, KnownAs(own, registered=True, defined=False)


def _assigned(statement: ast.Assign) -> Iterator[tuple[str, KnownAs]]:
    """``TinyV2 = Tiny``, a ``partial`` or ``lambda``, and ``NETWORKS['tiny'] = Tiny``."""
    makes = isinstance(statement.value, (ast.Name, ast.Lambda)) or (
        isinstance(statement.value, ast.Call) and "partial" in ast.unparse(statement.value.func)
    )
    for target in statement.targets:
        if isinstance(target, ast.Name) and makes:
            yield target.id, KnownAs(target.id, registered=False, defined=False)
        elif isinstance(target, ast.Subscript) and isinstance(statement.value, ast.Name):
            key = target.slice
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                yield key.value, KnownAs(statement.value.id, registered=True, defined=False)


def _handed_in(call: ast.Call) -> Iterator[tuple[str, KnownAs]]:
    """``ARCHS.register(Tiny, name='tiny')``, ``ARCHS.register('tiny')(Tiny)``."""
    calls = [call, call.func] if isinstance(call.func, ast.Call) else [call]
    if not any(_registers(one.func) for one in calls if isinstance(one, ast.Call)):
        return
    classes = [argument.id for argument in call.args if isinstance(argument, ast.Name)]
    if len(classes) != 1:
        return
    said = [text for one in calls if isinstance(one, ast.Call) for text in _texts(one, classes[0])]
    for name in (classes[0], *said):
        yield name, KnownAs(classes[0], registered=True, defined=name == classes[0])


def _texts(call: ast.Call, own: str) -> Iterator[str]:
    """The names in a call that registers; BasicSR's ``suffix`` stands behind the class's own."""
    named = [(keyword.arg, keyword.value) for keyword in call.keywords]
    for key, value in [(None, argument) for argument in call.args] + named:
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            yield f"{own}_{value.value}" if key == "suffix" else value.value


def _registers(node: ast.expr) -> bool:
    said = ast.unparse(node)
    return any(word in said for word in _REGISTERING)
