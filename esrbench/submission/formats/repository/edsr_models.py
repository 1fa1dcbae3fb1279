"""The models of a fork of EDSR-PyTorch: where they are, their scales, their checkpoints."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from esrbench.submission.formats.repository.python_text import content_of
from esrbench.submission.formats.repository.tree import files_in
from esrbench.submission.manifest import WeightsSpec
from esrbench.submission.single_file import syntax_tree
from esrbench.submission.weights import CHECKPOINT_SUFFIXES

ENTRY, FUNCTION = "option.py", "make_model"
_SCALE_IN_PATH = re.compile(r"(?:^|[^0-9a-z])x([2-9])(?![0-9])|x([2-9])(?=[._/-]|$)")


@dataclass(frozen=True)
class Model:
    """One file of ``model/``, or of what a fork calls it, that has ``make_model``."""

    name: str
    file: Path
    options: Path
    """The ``option.py`` it is built with, or what a fork calls it."""


@lru_cache(maxsize=16)
def models(root: Path) -> tuple[Model, ...]:
    """Every model, one of a name: of a repository with two programs, the one it tests with, and of
    one with a program for each task, that for super-resolution."""
    found: dict[str, Model] = {}
    makers: dict[Path, list[Path]] = {}
    for file in files_in(root, (".py",)):
        if file.parent != root and makes_a_model(file):
            makers.setdefault(file.parent, []).append(file)
    programs = [(entry, makers[folder]) for folder in makers if (entry := entry_of(folder))]
    for entry, files in sorted(programs, key=lambda pair: _order(pair[0])):
        for file in files:
            found.setdefault(file.stem.lower(), Model(file.stem, file, entry))
    return tuple(sorted(found.values(), key=lambda model: model.name.lower()))


def entry_of(folder: Path) -> Path | None:
    """The file beside a folder of models whose options they are built with; ``option.py`` first."""
    usual = folder.parent / ENTRY
    if usual.is_file():
        return usual
    files = [file for file in sorted(folder.parent.glob("*.py")) if file.stem.isidentifier()]
    named = [file for file in files if re.match(r"opt|arg|conf|param", file.stem.lower())]
    return next((file for file in named if _LEFT.search(content_of(file))), None)


_LEFT = re.compile(rb"^(args|opts?|options)\b.*=.*pars", re.MULTILINE)
"""``args = parser.parse_args()`` at the top level."""


def args_name(entry: Path) -> str:
    """``args``: what the options are called that ``entry`` leaves."""
    left = _LEFT.search(content_of(entry))
    return left[1].decode() if left else "args"


def _order(entry: Path) -> tuple[bool, bool, int, str]:
    """Of several programs (RNAN has one a task) that for super-resolution of RGB comes first."""
    other = whole(default_of(entry, "scale")) == 1 or default_of(entry, "n_colors") == 1
    return other, "test" not in str(entry).lower(), len(entry.parts), str(entry)


def makes_a_model(file: Path) -> bool:
    """Whether it has ``make_model``."""
    return re.search(rb"^def\s+make_model\b", content_of(file), re.MULTILINE) is not None


def scale_of(model: Model) -> int | None:
    """The scale of a model that no argument tells: of its name (``FIWHNx4``), or ``option.py``."""
    in_name = re.search(r"[xX]([2-9])$", model.name)
    return int(in_name[1]) if in_name else whole(default_of(model.options, "scale"))


def whole(text: Any) -> int | None:
    """4 for ``4``, ``"4"``, ``"4.0"``, and the first of ``"2+3+4"``."""
    found = re.match(r"\s*(\d+)", str(text)) if text not in (None, "") else None
    return int(found[1]) if found else None


def default_of(options: Path, name: str) -> Any:
    """The default of ``add_argument('--name', default=...)``, read as syntax."""
    for node in ast.walk(syntax_tree(options)):
        if not (isinstance(node, ast.Call) and node.args):
            continue
        first = node.args[0]
        if isinstance(first, ast.Constant) and first.value == f"--{name}":
            for keyword in node.keywords:
                if keyword.arg == "default" and isinstance(keyword.value, ast.Constant):
                    return keyword.value.value
    return None


def weights_of(root: Path, model: Model, said: dict[str, str], scale: int) -> WeightsSpec:
    """``--pre_train``, or the one checkpoint of the repository that names model and scale."""
    named = said.get("pre_train")
    if named not in (None, "", "."):
        for folder in (model.options.parent, root):
            file = (folder / str(named)).resolve()
            if file.is_file() and file.is_relative_to(root):
                return WeightsSpec(file=str(file.relative_to(root)))
        return WeightsSpec(reason=f"{named} is not in {root.name}; give it with --weights FILE")
    found = [path.relative_to(root) for path in files_in(root, CHECKPOINT_SUFFIXES)]
    fits = [path for path in found if _scales_in(path) <= {scale}]
    best = _best([p for p in fits if _names(p, model)]) or _best(
        fits if len(models(root)) == 1 or _scales_in(Path(model.name)) else []
    )
    if best is not None:
        return WeightsSpec(file=str(best))
    several = f": {', '.join(map(str, found[:4]))}" if found else ""
    return WeightsSpec(
        reason=f"no checkpoint of {root.name} is named after {model.name} x{scale}{several}; give "
        "one with --weights FILE"
    )


def _names(path: Path, model: Model) -> bool:
    return re.sub(r"[xX]\d$", "", model.name).lower() in str(path).lower()


def _scales_in(path: Path) -> set[int]:
    return {int(a or b) for a, b in _SCALE_IN_PATH.findall(str(path).lower())}


def _best(paths: list[Path]) -> Path | None:
    """The only one, or the only ``model_best``."""
    best = [path for path in paths if "best" in path.name.lower()]
    left = best or paths
    return left[0] if len(left) == 1 else None
