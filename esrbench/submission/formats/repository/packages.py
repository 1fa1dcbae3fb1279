"""The files that a network is made of, and the packages they need that are not installed."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from esrbench.submission.formats.repository.bindings import binding_of, stars_of
from esrbench.submission.formats.repository.import_paths import (
    Found,
    absolute,
    import_roots,
    is_installed,
    module_name,
    resolve,
)
from esrbench.submission.formats.repository.pip_names import TOOLS, pip_line
from esrbench.submission.formats.repository.python_text import content_of, statements
from esrbench.submission.formats.repository.tree import files_in


@dataclass
class Parts:
    """What following the imports of one file has found."""

    files: dict[Path, bool] = field(default_factory=dict)
    """File -> whether loading the network cannot do without it."""
    missing: dict[str, Path] = field(default_factory=dict)
    """Package -> the first file that needs it."""
    idle: set[str] = field(default_factory=set)
    """Packages that some file imports and never uses."""


def parts_of(root: Path, file: Path) -> Parts:
    """``file`` and every file of the repository that it imports when it is loaded.

    An import that is tried (``try: ... except ImportError``) or guarded, or stands in a function,
    is followed where it leads into the repository, and what is missing behind it is not missed.
    """
    roots = import_roots(root, file)
    parts = Parts()
    _follow(roots, file, module_name(roots, file), parts, needed=True)
    parts.idle -= {*parts.missing, "basicsr"}  # used elsewhere, or served
    return parts


def _follow(roots: Sequence[Path], file: Path, name: str, parts: Parts, *, needed: bool) -> None:
    if parts.files.get(file, False) or (file in parts.files and not needed):
        return
    parts.files[file] = needed
    body = statements(content_of(file))
    package = name.rpartition(".")[0]
    used = _names_used(body)
    for statement, always in _imports(body, needed=needed):
        for dotted, wanted in _targets(statement, package):
            top = dotted.partition(".")[0]
            idle = not _binds(statement, dotted, wanted) & used and resolve(roots, top) is None
            if idle and always:
                parts.idle.add(top)
            _enter(roots, dotted, wanted, file if always and not idle else None, parts)


def _names_used(body: Sequence[ast.stmt]) -> set[str]:
    """Every name that is read or stands in a text (``__all__``), and the ``*`` of an import."""
    nodes = [node for statement in body for node in ast.walk(statement)]
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    texts = (node.value for node in nodes if isinstance(node, ast.Constant))
    return names | {text for text in texts if isinstance(text, str)} | {"*"}


def _binds(statement: ast.stmt, dotted: str, wanted: str | None) -> set[str]:
    """The name that ``import dotted`` or ``from dotted import wanted`` binds."""
    if not isinstance(statement, (ast.Import, ast.ImportFrom)):
        return set()
    asked = dotted if wanted is None else wanted
    return {a.asname or a.name.partition(".")[0] for a in statement.names if a.name == asked}


def _targets(statement: ast.stmt, package: str) -> Iterator[tuple[str, str | None]]:
    """``(module, name or None)`` of each name an import statement asks for."""
    if isinstance(statement, ast.Import):
        for alias in statement.names:
            yield alias.name, None
    elif isinstance(statement, ast.ImportFrom):
        module = absolute(statement.module, statement.level, package)
        for alias in statement.names:
            yield module, alias.name


def _enter(
    roots: Sequence[Path], dotted: str, wanted: str | None, needs: Path | None, parts: Parts
) -> None:
    top = dotted.partition(".")[0]
    found = resolve(roots, dotted) if dotted else None
    if found is None:
        absent = top and top != "basicsr" and top not in TOOLS and not is_installed(top)
        if absent and needs is not None and resolve(roots, top) is None:
            parts.missing.setdefault(top, needs)
        return
    if found.file is not None:
        _follow(roots, found.file, dotted, parts, needed=needs is not None)
    elif wanted is not None:
        _enter_package(roots, dotted, found, wanted, needs, parts)


def _enter_package(
    roots: Sequence[Path], dotted: str, found: Found, wanted: str, needs: Path | None, parts: Parts
) -> None:
    """``from package import wanted``: only the import of its ``__init__`` that binds it."""
    if dotted.startswith("basicsr.") and not dotted.startswith("basicsr.archs"):
        needs = None  # what cannot be had of it is there and raises when it is used
    init = found.folders[0] / "__init__.py"
    binding = binding_of(init, wanted)
    if binding is None:
        for star in stars_of(init):
            _enter(roots, absolute(star.module, star.level, dotted), None, needs, parts)
        if resolve(roots, f"{dotted}.{wanted}") is not None:
            _enter(roots, f"{dotted}.{wanted}", None, needs, parts)
    elif binding.kind == "own":
        _follow(roots, init, f"{dotted}.__init__", parts, needed=needs is not None)
    else:
        module = absolute(binding.module, binding.level, dotted)
        if (module, binding.name) != (dotted, wanted):
            _enter(roots, module, binding.name, needs, parts)
        else:  # from . import x
            _enter(roots, f"{dotted}.{wanted}", None, needs, parts)


def _imports(body: Sequence[ast.stmt], *, needed: bool) -> Iterator[tuple[ast.stmt, bool]]:
    """The import statements that loading a module meets, and whether it cannot do without."""
    for statement in body:
        if isinstance(statement, (ast.Import, ast.ImportFrom)):
            yield statement, needed
        elif isinstance(statement, ast.Try):
            yield from _imports(statement.body, needed=needed and not statement.handlers)
            for handler in statement.handlers:
                yield from _imports(handler.body, needed=False)
            yield from _imports([*statement.orelse, *statement.finalbody], needed=False)
        elif isinstance(statement, ast.If):
            if "__main__" not in ast.unparse(statement.test):
                yield from _imports([*statement.body, *statement.orelse], needed=False)
        elif isinstance(statement, (ast.With, ast.ClassDef)):
            yield from _imports(statement.body, needed=needed)
        elif isinstance(statement, ast.FunctionDef):
            yield from _imports(statement.body, needed=False)


def install_line(root: Path, missing: dict[str, Path]) -> str:
    """``needs cupy and mamba_ssm, which are not installed: pip install ...``, all of them."""
    own = {name: place for name in missing if (place := _built_by(root, name)) is not None}
    others = sorted(set(missing) - set(own))
    said = []
    if others:
        verb = "which is" if len(others) == 1 else "which are"
        said.append(f"needs {_listed(others)}, {verb} not installed: {pip_line(others)}")
    for name, setup in sorted(own.items()):
        said.append(
            f"needs {name}, an extension of its own: build it with "
            f"{setup.relative_to(root)} (pip install ./{setup.parent.relative_to(root)})"
        )
    return "; it also ".join(said) + "."


def _built_by(root: Path, name: str) -> Path | None:
    """The ``setup.py`` of the repository that builds a compiled module of that name."""
    naming = re.compile(rf"""name\s*=\s*['"]{re.escape(name)}['"]""")
    for file in files_in(root, (".py",)):
        if file.name == "setup.py" and naming.search(content_of(file).decode(errors="replace")):
            return file
    return None


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
