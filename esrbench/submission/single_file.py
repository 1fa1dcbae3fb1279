"""A submission that is one ``.py`` file, read without running it."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

from esrbench.errors import SubmissionError
from esrbench.submission import limits
from esrbench.submission.manifest import Manifest, parse_manifest

WEIGHT_SUFFIXES = (".safetensors", ".pth", ".pt", ".ckpt")
"""How a checkpoint beside a single file may end, most trusted format first."""
_NO_NAME = re.compile(r"[^A-Za-z0-9_.-]+")
_TRIED = 40
"""Files that are looked into for a ``build()``."""


def syntax_tree(path: Path) -> ast.Module:
    """The parsed source of ``path``; raises SubmissionError where Python could not read it.

    Also where it is longer or more deeply nested than any source: parsing goes as deep.
    """
    with limits.opened(path, limits.SOURCE_BYTES, "a source file") as file:
        source = file.read(limits.SOURCE_BYTES)
    if too_deep(source):
        raise SubmissionError(f"{path} is nested too deeply to be read.")
    try:
        return ast.parse(source, filename=str(path))
    except SyntaxError as why:
        where = f", line {why.lineno}" if why.lineno else ""
        raise SubmissionError(f"{path}{where}: not valid Python ({why.msg}).") from None
    except (RecursionError, MemoryError):
        raise SubmissionError(f"{path} is nested too deeply to be read.") from None
    except ValueError as why:
        raise SubmissionError(f"{path} cannot be read: {why}.") from None


_OPERATORS = re.compile(rb"[-+*/%@&|^~<>=.!([]|\b(?:not|and|or|if|lambda)\b")
_PARTS = re.compile(rb"\n(?=[A-Za-z_@#])|[;,]")


def too_deep(source: bytes) -> bool:
    """Whether ``1+1+...`` could make a tree that Python 3.10 follows off the end of its stack.

    Rough, and a tree as deep as its source is long only there: 3.11 counts the depth itself.
    """
    if sys.version_info >= (3, 11):
        return False
    parts = _PARTS.split(source)
    return any(len(_OPERATORS.findall(part)) > limits.SOURCE_CHAIN for part in parts)


def defines(tree: ast.Module, name: str) -> bool:
    """Whether the module's top level binds ``name``: a def, a class, an assignment, an import."""
    return any(name in _bound(statement) for statement in tree.body)


def manifest_of(path: Path) -> Manifest:
    """The manifest of the single file at ``path``: its literal ``SUBMISSION = {...}``, if any.

    The name defaults to the file's stem, and the weights to a checkpoint of the same stem beside
    it. Raises SubmissionError when ``SUBMISSION`` is no literal or holds an unknown key.
    """
    beside = [path.with_suffix(suffix) for suffix in WEIGHT_SUFFIXES]
    weights = next((file for file in beside if file.is_file()), None)
    return _manifest(path, path.stem, weights)


def manifest_of_folder(folder: Path, entry: Path) -> Manifest:
    """The manifest of a folder that has none but ``entry``, as :func:`entry_in` finds it.

    It is called as the folder, and its weights are the only checkpoint there. Raises
    SubmissionError as :func:`manifest_of`, and where there are several checkpoints.
    """
    name = _NO_NAME.sub("-", folder.name).strip("-._") or entry.stem
    held = sorted(file for file in folder.iterdir() if file.suffix in WEIGHT_SUFFIXES)
    own = [file for file in held if file.stem == entry.stem] or held
    if len(own) > 1 and "weights" not in _literal(syntax_tree(entry), entry):
        names = ", ".join(file.name for file in own[:5])
        raise SubmissionError(
            f"{folder} has {len(own)} checkpoints ({names}) and no submission.yaml that says which "
            f"is meant; write one with `name: {name}` and `weights: {{file: {own[0].name}}}`."
        )
    return _manifest(entry, name, own[0] if own else None)


def entry_in(folder: Path) -> Path | None:
    """The file of ``folder`` that defines ``build()``: ``model.py``, or the only one that does."""
    model = folder / "model.py"
    others = sorted(path for path in folder.glob("*.py") if path.is_file() and path != model)
    found = [path for path in [model, *others[:_TRIED]] if path.is_file() and _builds(path)]
    return found[0] if len(found) == 1 or found[:1] == [model] else None


def _builds(path: Path) -> bool:
    try:
        return defines(syntax_tree(path), "build")
    except SubmissionError:
        return False


def _manifest(path: Path, name: str, weights: Path | None) -> Manifest:
    given = _literal(syntax_tree(path), path)
    data = {"name": name, **given, "entry_point": given.get("entry_point", f"{path.stem}:build")}
    if "weights" not in data and weights is not None:
        data["weights"] = {"file": weights.name}
    return parse_manifest(data, f"{path}, SUBMISSION")


def _literal(tree: ast.Module, path: Path) -> dict[str, object]:
    for statement in tree.body:
        if isinstance(statement, (ast.Assign, ast.AnnAssign)) and "SUBMISSION" in _bound(statement):
            try:
                value = ast.literal_eval(statement.value) if statement.value else {}
            except (ValueError, TypeError, RecursionError, MemoryError):
                value = None
            if not isinstance(value, dict):
                raise SubmissionError(
                    f"{path}, line {statement.lineno}: SUBMISSION must be a dict of literals, as "
                    "it is read without running the file."
                )
            return value
    return {}


def _bound(statement: ast.stmt) -> set[str]:
    """The names one top-level statement binds."""
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return {statement.name}
    if isinstance(statement, (ast.Import, ast.ImportFrom)):
        return {alias.asname or alias.name.split(".")[0] for alias in statement.names}
    if isinstance(statement, ast.Assign):
        nodes = [node for target in statement.targets for node in ast.walk(target)]
        return {node.id for node in nodes if isinstance(node, ast.Name)}
    if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
        return {statement.target.id}
    if isinstance(statement, (ast.If, ast.Try, ast.With)):
        return {name for inner in statement.body for name in _bound(inner)}
    return set()
