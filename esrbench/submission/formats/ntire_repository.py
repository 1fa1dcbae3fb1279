"""A repository of the NTIRE efficient super-resolution challenges, as the organisers wrote it.

``test_demo.py`` has a function ``select_model(args, device)`` with one branch a model id. The judge
reads the branches as syntax: the ids, and the names, ranges and checkpoints that are written there.
The runner calls the function (``ntire_load.py``).
"""

from __future__ import annotations

import ast
import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from esrbench.errors import SubmissionError, nearest
from esrbench.submission.formats.ntire_syntax import (
    assigned,
    branches_by_id,
    function_named,
    reached,
)
from esrbench.submission.formats.sidecar import name_of
from esrbench.submission.manifest import WeightsSpec
from esrbench.submission.submission import Submission

ENTRY, FUNCTION, SCALE = "test_demo.py", "select_model", 4
_CHECKPOINTS = (".pth", ".pt", ".ckpt", ".pkl", ".bin", ".safetensors")


@dataclass(frozen=True)
class Branch:
    """What one branch of ``select_model`` says without being run."""

    model_id: int
    name: str
    data_range: float | None
    """None where only the function itself can say it."""
    checkpoints: tuple[str, ...]
    """Paths inside the repository."""

    @property
    def variant(self) -> str:
        """The name as a variant can have it; ``-1_IMDN_baseline`` is ``minus1_IMDN_baseline``."""
        name = self.name.strip()
        plain = f"minus{name[1:]}" if name.startswith("-") else name
        return re.sub(r"[^A-Za-z0-9_.-]+", "-", plain)


def detect(path: Path) -> bool:
    """A folder with a ``test_demo.py`` that defines ``select_model``, and a folder of models."""
    entry = path / ENTRY
    has_models = entry.is_file() and (path / "models").is_dir()
    return has_models and function_named(entry, FUNCTION, path) is not None


def variants(path: Path) -> list[str | None]:
    """The model ids, in the order of the branches."""
    return [str(branch.model_id) for branch in branches(path)]


def submission(path: Path, variant: str | None, scale: int | None) -> Submission:
    """One model of the repository; ``variant`` is its id (or its name), the first one if None."""
    path = path.resolve()
    if scale not in (None, SCALE):
        raise SubmissionError(
            f"{path} is an NTIRE repository: its models do x{SCALE}, not {scale}."
        )
    branch = chosen_of(path, variant, ENTRY)
    title = f"{branch.name.strip()} ({path.name})"
    year = re.search(r"20\d\d", path.name)
    sources = (p for p in sorted(path.rglob("*.py")) if not _hidden(p.relative_to(path)))
    return Submission(
        name=name_of(path),
        variant=branch.variant,
        scale=SCALE,
        scales=(SCALE,),
        folder=path,
        entry_file=path / ENTRY,
        entry_function=FUNCTION,
        title=title,
        build_arguments={
            "model_id": branch.model_id,
            "data_range": branch.data_range,
            "checkpoints": list(branch.checkpoints),
        },
        data_range=branch.data_range or 1.0,
        weights=weights_of(path, branch),
        year=int(year[0]) if year else None,
        form="ntire",
        taken_for=(
            f"model {branch.model_id} of an NTIRE repository, {branch.name.strip()}, "
            f"values in [0, {branch.data_range or 1:g}]"
        ),
        code_files=tuple(sources),
    )


def branches(path: Path) -> tuple[Branch, ...]:
    """Every branch of ``select_model`` that names a model; raises SubmissionError without any."""
    return branches_of(path, ENTRY)


@lru_cache(maxsize=8)
def branches_of(path: Path, entry: str) -> tuple[Branch, ...]:
    """The same, of the file ``entry``."""
    found: dict[int, Branch] = {}
    for told in reached(path / entry, FUNCTION, path):
        before = {name: value for node in told.function.body for name, value in assigned(node)}
        for model_id, body in branches_by_id(told, path):
            branch = _branch(model_id, body, before, path)
            if branch is not None:
                found.setdefault(model_id, branch)
        if found:
            return tuple(found.values())
    raise SubmissionError(
        f"{path / entry}: {FUNCTION} tells no model ids apart in a way that can be read; name one "
        "with --model-id N."
    )


def chosen_of(path: Path, variant: str | None, entry: str) -> Branch:
    """The branch that ``variant`` names by id or name, the first one for None.

    Raises SubmissionError, with the ids there are.
    """
    try:
        known = branches_of(path, entry)
    except SubmissionError:
        if variant is None or not variant.lstrip("-").isdecimal():
            raise
        return Branch(int(variant), f"{int(variant):02}", None, ())
    if variant is None:
        return known[0]
    for branch in known:
        if variant in (str(branch.model_id), f"{branch.model_id:02}", branch.variant):
            return branch
    ids = ", ".join(str(branch.model_id) for branch in known)
    if variant.isdigit():
        raise SubmissionError(f"{path} has no model {variant}; its ids: {ids}.")
    close = nearest(variant, [branch.variant for branch in known])
    raise SubmissionError(f"{path} has no model {variant!r}{close}")


def weights_of(path: Path, branch: Branch) -> WeightsSpec | None:
    """The checkpoint the branch names; where one is missing, the reason there are no weights."""
    for name in branch.checkpoints:
        if not (path / name).is_file():
            return WeightsSpec(reason=f"{path.name} lacks {name}")
    return WeightsSpec(file=branch.checkpoints[0]) if branch.checkpoints else None


def _in_repository(text: str, folder: Path) -> str:
    """A checkpoint's path inside the repository: one of its author's machine by its name alone."""
    if not (folder / text).is_file() or text.startswith(("/", "..")):
        by_name = f"model_zoo/{posixpath.basename(text)}"
        if (folder / by_name).is_file():
            return by_name
    return text


def _branch(
    model_id: int, body: list[ast.stmt], before: Mapping[str, ast.expr], folder: Path
) -> Branch | None:
    """None for a branch without a model (``pass``, where a team withdrew).

    ``before``: what the function assigns outside its branches.
    """
    values = {name: value for statement in body for name, value in assigned(statement)}
    returned = {name: value for statement in body for name, value in _returned(statement)}
    if not returned and not {"name", "model"} & set(values):
        return None
    values = {**before, **returned, **values}
    name = _folded(values.get("name"), model_id)
    data_range = _folded(values.get("data_range"), model_id)
    found: dict[str, None] = {}
    for statement in body:
        for node in ast.walk(statement):
            text = _folded(node, model_id)
            if not (isinstance(text, str) and text.endswith(_CHECKPOINTS)) or "%s" in text:
                continue
            if "/" in text or (folder / "model_zoo" / text).is_file():
                found[_in_repository(posixpath.normpath(text), folder)] = None
    return Branch(
        model_id,
        name if isinstance(name, str) else f"{model_id:02}_unnamed",
        float(data_range) if isinstance(data_range, (int, float)) else None,
        tuple(path for path in found if not path.startswith(("/", ".."))),
    )


def _returned(statement: ast.stmt) -> Iterator[tuple[str, ast.expr]]:
    """What a branch that returns by itself, or a table's entry, says by name.

    A dict or a call says it by its keys; of ``model, name, data_range, tile`` in any order the
    first text that is no checkpoint is the name, and 1 or 255 the range.
    """
    value = statement.value if isinstance(statement, ast.Return) else None
    if value is None:
        return
    yield "model", value
    if isinstance(value, ast.Dict):
        for key, entry in zip(value.keys, value.values, strict=True):
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                yield key.value, entry
    elif isinstance(value, ast.Call):
        yield from ((k.arg, k.value) for k in value.keywords if k.arg)
    elif isinstance(value, (ast.Tuple, ast.List)):
        for part in reversed(value.elts):  # of several the first counts
            if isinstance(part, ast.JoinedStr) or _is_a_name(part):
                yield "name", part
            elif isinstance(part, ast.Constant) and part.value in (1, 255):
                yield "data_range", part


def _is_a_name(part: ast.expr) -> bool:
    text = part.value if isinstance(part, ast.Constant) else None
    return isinstance(text, str) and not text.endswith(_CHECKPOINTS)


def _folded(node: ast.AST | None, model_id: int) -> str | float | int | None:
    """What an expression comes to when only ``model_id`` varies; None where it cannot be told."""
    if isinstance(node, ast.Constant) and isinstance(node.value, (str, int, float)):
        return node.value
    if isinstance(node, ast.Name) and node.id == "model_id":
        return model_id
    if isinstance(node, ast.JoinedStr):
        return _joined([_folded(part, model_id) for part in node.values])
    if isinstance(node, ast.FormattedValue):
        value, form = _folded(node.value, model_id), _folded(node.format_spec, model_id)
        if value is None:
            return None
        try:
            return format(value, str(form or ""))
        except ValueError:
            return None
    if isinstance(node, ast.BinOp):
        return _of_two(node, model_id)
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "os.path.join" and node.args:
        parts = [_folded(part, model_id) for part in node.args]
        if all(isinstance(part, str) for part in parts):
            return posixpath.join(*map(str, parts))
    return None


def _of_two(node: ast.BinOp, model_id: int) -> str | None:
    """``'model_zoo/' + name`` and ``'%s/%02d.pth' % (folder, model_id)``."""
    left = _folded(node.left, model_id)
    if not isinstance(left, str):
        return None
    if isinstance(node.op, ast.Add):
        return _joined([left, _folded(node.right, model_id)])
    of_several = isinstance(node.right, ast.Tuple)
    right = node.right.elts if isinstance(node.right, ast.Tuple) else [node.right]
    values = [_folded(part, model_id) for part in right]
    if not isinstance(node.op, ast.Mod) or any(value is None for value in values):
        return None
    try:
        return left % (tuple(values) if of_several else values[0])
    except (TypeError, ValueError, OverflowError, MemoryError):
        return None


def _joined(parts: list[str | float | int | None]) -> str | None:
    return None if any(part is None for part in parts) else "".join(map(str, parts))


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)
